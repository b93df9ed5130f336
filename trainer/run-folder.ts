import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { CannotWriteError, errorMessage, UsageError } from '../src/errors.ts';
import type { TrainerEnvironment } from './config.ts';

/** Where the program leaves its files. */
export interface RunFolder {
  readonly directory: string;
  /** Files to be uploaded lie here. */
  readonly artifacts: string;
  /** Where a training is kept, so that it can go on. */
  readonly checkpoints: string;
  /** True where a launcher made the folder and follows the run log in it. */
  readonly launched: boolean;
}

/** `20261121-034512-a3f9`: of the launcher's form, so that all runs of a storage folder sort by time. */
function drawName(): string {
  const [date = '', time = ''] = new Date().toISOString().slice(0, 19).split('T');
  return `${date.replaceAll('-', '')}-${time.replaceAll(':', '')}-${randomBytes(2).toString('hex')}`;
}

/** As the launcher chooses: the named folder, else /storage where it can be written, else one in the working folder. */
async function storageFolder(environment: TrainerEnvironment): Promise<string> {
  if (environment.storageDirectory !== null) return path.resolve(environment.storageDirectory);
  const shared = await access('/storage', constants.W_OK).then(
    () => true,
    () => false,
  );
  return shared ? '/storage' : path.resolve('storage');
}

/**
 * The launcher's run folder, or a fresh one below `<storage>/runs`.
 * Throws CannotWriteError where it cannot be made, and UsageError where nobody says which run goes on.
 */
export async function openRunFolder(environment: TrainerEnvironment): Promise<RunFolder> {
  if (environment.resume && environment.runDirectory === null) {
    throw new UsageError('SLIPWAY_RESUME is 1, but SLIPWAY_RUN_DIR does not name the folder of the run that goes on.');
  }
  const launched = environment.runDirectory !== null;
  const directory = path.resolve(
    environment.runDirectory ?? path.join(await storageFolder(environment), 'runs', drawName()),
  );
  const artifacts = path.join(directory, 'artifacts');
  try {
    await mkdir(artifacts, { recursive: true });
  } catch (error) {
    throw new CannotWriteError(`The run folder ${directory} cannot be written: ${errorMessage(error)}.`, {
      hint:
        environment.mlflowRunId === null
          ? 'Name a storage folder you can write with SLIPWAY_STORAGE.'
          : 'Start the container as who may write /storage: mlflow run . -A user=$(id -u)',
      cause: error,
    });
  }
  return { directory, artifacts, checkpoints: path.join(directory, 'checkpoints'), launched };
}
