import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { deviceRequest } from '../docker/container-request.ts';
import type { DoctorRequest } from '../doctor/index.ts';
import { UsageError } from '../errors.ts';
import { locateStorage } from '../launch/storage.ts';
import { loadProject } from '../project/index.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Given = Readonly<Record<string, unknown>>;

/**
 * The request from the arguments, where an option that was not given takes its variable's value, as for a run.
 * Throws UsageError that names the flag and the variable.
 */
export async function doctorRequest(given: Given, environment: Environment): Promise<DoctorRequest> {
  const projectDirectory = resolve(text(given.project) ?? '.');
  if (statSync(projectDirectory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UsageError(`The project ${projectDirectory} is not a folder.`, { hint: 'name the folder of a project' });
  }
  const gpus = text(given.gpus) ?? text(environment.SLIPWAY_GPUS) ?? (await projectGpus(projectDirectory));
  // It says what is wrong with a number of GPUs that is none.
  if (gpus !== null && gpus !== 'none') deviceRequest(gpus);
  const storageDirectory = locateStorage(text(given.storage), environment, projectDirectory);
  return {
    environment,
    projectDirectory,
    storageDirectory,
    // Variables that make handed over are not those of the person who copies a command.
    isUsualStorage:
      storageDirectory === locateStorage(null, { ...environment, SLIPWAY_STORAGE: undefined }, process.cwd()),
    engine: engine(text(given.engine) ?? text(environment.SLIPWAY_ENGINE) ?? 'auto'),
    gpus: gpus === 'none' ? null : gpus,
    baseImage: text(environment.SLIPWAY_BASE_IMAGE),
  };
}

/** The GPUs that the MLproject asks for; one that cannot be read is a finding. */
async function projectGpus(directory: string): Promise<string | null> {
  const project = await loadProject(directory).catch(() => null);
  return project?.docker?.gpus ?? null;
}

function engine(value: string): DoctorRequest['engine'] {
  if (value === 'auto' || value === 'docker' || value === 'host') return value;
  throw new UsageError(`--engine (SLIPWAY_ENGINE) is ${value}; it must be one of auto, docker, host.`);
}

function text(value: unknown): string | null {
  return value === undefined || value === null || value === '' ? null : String(value);
}
