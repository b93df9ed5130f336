import type { MlflowClient } from '../mlflow/index.ts';
import { RunStream } from '../stream/index.ts';
import { isSystemMetric } from '../util/system-metric.ts';
import type { ExperimentPage } from './experiment-page.ts';
import type { RunContext } from './run-context.ts';

/** The stream of a run that is on a server; null where there is none. */
export type RunFollower = RunStream;

/**
 * Starts carrying the run log to the server. Null where the run is not registered: it stays in its folder.
 * @param onDeleted Hears that the server takes nothing because the run was deleted there.
 */
export function openStream(
  run: RunContext,
  client: MlflowClient,
  page: ExperimentPage,
  onDeleted: () => void,
): RunFollower | null {
  const { record } = run;
  if (record.mlflowRunId === null || record.experimentId === null || record.artifactUri === null) {
    return null;
  }
  const stream = new RunStream({
    runDirectory: run.paths.directory,
    client,
    mlflowRunId: record.mlflowRunId,
    experimentId: record.experimentId,
    artifactUri: record.artifactUri,
    knownParams: run.plan.parameters,
    onEvent: (event) => {
      if (event.type === 'metric' && !isSystemMetric(event.key)) page.sawMetric(event.key);
    },
    onWarning: (text) => run.emit({ type: 'warning', text }),
    onDiverged: (text) => {
      run.diverged = text;
    },
    onDeleted,
    onModelVersion: (model) => run.emit({ type: 'model', ...model }),
  });
  stream.start();
  return stream;
}
