import { openArtifactStore } from '../../src/artifacts/index.ts';
import type { MetricPoint, MlflowClient, Run } from '../../src/mlflow/index.ts';
import { isSystemMetric } from '../../src/util/system-metric.ts';

/** The only run of that name in an experiment, as the server has it. Throws where there is none or several. */
export async function recordedRun(client: MlflowClient, experimentName: string, runName: string): Promise<Run> {
  const experiment = await client.getExperimentByName(experimentName);
  if (experiment === null) throw new Error(`the server has no experiment ${experimentName}`);
  const found = await client.searchRuns({
    experimentIds: [experiment.experimentId],
    filter: `attributes.run_name = '${runName}'`,
  });
  const [run] = found.items;
  if (run === undefined || found.items.length !== 1)
    throw new Error(`${found.items.length} runs are called ${runName}`);
  return client.getRun(run.info.runId);
}

/** Every value of every metric of a run, by key, but for what was measured of the machine. */
export async function recordedMetrics(client: MlflowClient, run: Run): Promise<Record<string, MetricPoint[]>> {
  const keys = Object.keys(run.data.metrics).filter((key) => !isSystemMetric(key));
  const entries = keys.map(async (key) => [key, await client.metricHistory(run.info.runId, key)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** The paths of all artifacts of a run, sorted. */
export async function recordedArtifacts(client: MlflowClient, run: Run): Promise<string[]> {
  const files = await openArtifactStore(run.info.artifactUri, { client }).listRecursive();
  return files.map(({ path }) => path).sort();
}
