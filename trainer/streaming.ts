import { MlflowClient } from '../src/mlflow/index.ts';
import { RunStream } from '../src/stream/index.ts';
import type { TrainerEnvironment } from './config.ts';

/** How long the program waits at its end for the server to take what is left. */
const drainTimeoutMs = 60_000;

/** A follower of this program's own run log, for a program that `mlflow run` started. */
export interface OwnStream {
  /** Sends what is left. Returns a sentence for people where not everything arrived, else null. */
  finish(): Promise<string | null>;
}

/**
 * Follows the run log into the MLflow run that `mlflow run` made; null where there is none.
 * A launcher's program has no need of it: its agent follows.
 */
export async function startOwnStream(
  environment: TrainerEnvironment,
  runDirectory: string,
  warn: (text: string) => void,
): Promise<OwnStream | null> {
  const { mlflowRunId, mlflowTrackingUri } = environment;
  if (mlflowRunId === null || mlflowTrackingUri === null) return null;
  const client = new MlflowClient({ trackingUri: mlflowTrackingUri, environment: environment.variables });
  const run = await client.getRun(mlflowRunId);
  const stream = new RunStream({
    runDirectory,
    client,
    mlflowRunId,
    experimentId: run.info.experimentId,
    artifactUri: run.info.artifactUri,
    knownParams: run.data.params,
    onWarning: warn,
  });
  stream.start();
  return {
    async finish() {
      stream.programEnded();
      const status = await stream.drain({ signal: AbortSignal.timeout(drainTimeoutMs) });
      await stream.close();
      const more = status.refusedCount > status.refused.length ? `; ${status.refusedCount} in all` : '';
      const lost =
        status.refusedCount === 0 ? null : `The tracking server refused: ${status.refused.join('; ')}${more}.`;
      if (status.pendingBytes === 0) return lost;
      return `Not everything reached ${client.trackingUri}: ${status.lastError ?? 'it was too slow'}.`;
    },
  };
}
