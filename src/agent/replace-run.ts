import { checkTrackingServer, type MlflowClient } from '../mlflow/index.ts';
import { forgetAcknowledged } from '../stream/index.ts';
import { registerRun } from './register.ts';
import type { RunContext } from './run-context.ts';

/**
 * The server has lost the run: it came back with another database. What it has acknowledged is forgotten, so that all of
 * the run log is sent again, and the run is to be made anew; repeatable at any point. Throws where the server is not well.
 */
export async function forgetMissingRun(
  run: RunContext,
  client: MlflowClient,
  missingId: string,
  signal: AbortSignal,
): Promise<void> {
  await checkTrackingServer(client, { signal });
  // First: were it done last, an agent killed in between would leave offsets that the new run knows nothing of.
  await forgetAcknowledged(run.paths.sync);
  const { replacedRunIds } = run.record;
  await run.update({
    replacedRunIds: [...replacedRunIds.filter((id) => id !== missingId), missingId],
    // A run that is there with our id is taken, and none is made twice.
    registering: true,
    ...{ mlflowRunId: null, artifactUri: null, runUrl: null, experimentId: null },
  });
}

/** Makes the run on the server that has lost it, or finds the one that is there again, and tells those who watch. */
export async function registerAgain(run: RunContext, client: MlflowClient, signal: AbortSignal): Promise<void> {
  await registerRun(run, client, signal);
  const { mlflowRunId, replacedRunIds, runUrl } = run.record;
  if (mlflowRunId !== null && replacedRunIds.includes(mlflowRunId)) {
    await run.update({ replacedRunIds: replacedRunIds.filter((id) => id !== mlflowRunId) });
    run.emit({ type: 'notice', text: `The tracking server has the run again: ${runUrl}` });
    return;
  }
  const lost = replacedRunIds.at(-1);
  const text = `The tracking server came back without the run ${lost}: a new one gets all of it: ${runUrl}`;
  run.emit({ type: 'warning', text });
}
