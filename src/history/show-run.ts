import { type MlflowClient, runChartsUrl, runsTableUrl } from '../mlflow/index.ts';
import type { StoredRun } from '../runs/index.ts';
import { projectKnowledge } from './again-words.ts';
import type { FoundRun } from './find-run.ts';
import { callOptions } from './open-server.ts';
import { readArtifacts } from './read-artifacts.ts';
import { readMetrics } from './read-metrics.ts';
import { readModels } from './read-models.ts';
import { toRecordedRun } from './recorded-run.ts';
import type { RunDetails } from './run-details.ts';
import { describeFolder, detailsOfFolder } from './run-folder.ts';

export interface ShowRunOptions {
  /** The run's folder on this machine; null where it has none here. */
  readonly stored: StoredRun | null;
  /** Where the person is: a project there tells the default parameters. */
  readonly directory: string;
  /** The metric that this folder's project names as its first; null for none. */
  readonly primaryMetric: string | null;
  readonly signal: AbortSignal;
}

/** All that the server and this machine know of a run that the server has. */
export async function detailsOfRecorded(
  client: MlflowClient,
  { run }: FoundRun,
  options: ShowRunOptions,
): Promise<RunDetails> {
  const { stored, signal } = options;
  const { runId, experimentId } = run.info;
  const sources = { client, signal };
  const primaryMetric = stored?.plan?.project.primaryMetric ?? options.primaryMetric;
  const [experiment, metrics, artifacts, models] = await Promise.all([
    client.getExperiment(experimentId, callOptions(signal)),
    readMetrics(run, primaryMetric, sources),
    readArtifacts(runId, sources),
    readModels(run, sources),
  ]);
  const recorded = toRecordedRun(run, client.trackingUri, Date.now());
  return {
    server: client.trackingUri,
    run: recorded,
    experimentName: experiment.name,
    ...metrics,
    ...artifacts,
    models,
    folder: stored === null ? null : describeFolder(stored),
    runsUrl: runsTableUrl(client.trackingUri, experimentId),
    chartsUrl: runChartsUrl(client.trackingUri, experimentId),
    ...(await projectKnowledge(recorded, experiment.name, options.directory, stored?.plan ?? null)),
  };
}

/** All that this machine knows of a run that no server has, or whose server is away. */
export async function detailsOfStored(stored: StoredRun, directory: string): Promise<RunDetails> {
  const details = await detailsOfFolder(stored, Date.now());
  return { ...details, ...(await projectKnowledge(details.run, details.experimentName, directory, stored.plan)) };
}
