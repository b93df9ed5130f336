import { errorMessage } from '../src/errors.ts';
import { RunLogAppender } from '../src/runlog/index.ts';
import type { TrainerEnvironment } from './config.ts';
import type { Configuration } from './configuration/configuration.ts';
import { toldWithPlace } from './configuration/own-classes/code-place.ts';
import { openRunFolder, type RunFolder } from './run-folder.ts';
import { listenForStop, TrainingStopped } from './stop.ts';
import type { OwnStream } from './streaming.ts';
import { train } from './train.ts';

/** Name of this program's file in the run log. */
const writer = 'trainer';

/** Lines for people. */
export interface Output {
  readonly line: (text: string) => void;
  readonly warn: (text: string) => void;
}

/** Says in the run log why a launched program ended before it began. */
export function recordEarlyFailure(runDirectory: string, reason: string): void {
  const log = RunLogAppender.open(runDirectory, writer);
  log.end('FAILED', reason);
  log.close();
}

/** Only where `mlflow run` started the program; loaded late, since launched programs need no network. */
async function startStream(
  environment: TrainerEnvironment,
  folder: RunFolder,
  output: Output,
): Promise<OwnStream | null> {
  if (folder.launched || environment.mlflowRunId === null) return null;
  const { startOwnStream } = await import('./streaming.ts');
  return startOwnStream(environment, folder.directory, output.warn);
}

/**
 * Trains once and leaves everything in the run folder: the run log, artifacts and the model.
 * Throws what went wrong after its reason was written to the run log; TrainingStopped where a signal ended it.
 */
export async function runTraining(
  configuration: Configuration,
  environment: TrainerEnvironment,
  output: Output,
): Promise<void> {
  const folder = await openRunFolder(environment);
  const log = RunLogAppender.open(folder.directory, writer, { skipExisting: environment.resume });
  const stop = listenForStop();
  let stream: OwnStream | null = null;
  try {
    stream = await startStream(environment, folder, output);
    if (!folder.launched) output.line(`Run folder: ${folder.directory}`);
    const echo = folder.launched ? () => {} : output.line;
    await train({
      configuration,
      parameters: configuration.parameters,
      environment,
      folder,
      log,
      signal: stop.signal,
      line: output.line,
      warn: output.warn,
      echo,
    });
    log.end('FINISHED');
  } catch (error) {
    const told = toldWithPlace(error, configuration.parameters, process.cwd());
    log.end(error instanceof TrainingStopped ? 'KILLED' : 'FAILED', errorMessage(told));
    throw told;
  } finally {
    log.close();
    const undelivered = (await stream?.finish()) ?? null;
    if (undelivered !== null) output.warn(undelivered);
    stop.dispose();
  }
}
