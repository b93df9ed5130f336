import type { MlflowClient, Run } from '../../../src/mlflow/index.ts';
import { identityOf } from './written-values.ts';

const atOnce = 8;

/** All runs of a server that carry a run's id, deleted ones and those of all experiments included. */
export async function runsOfId(client: MlflowClient, runId: string): Promise<Run[]> {
  const experiments = await client.searchExperiments({ viewType: 'ALL', maxResults: 1000 });
  const experimentIds = experiments.items.map(({ experimentId }) => experimentId);
  const filter = `tags.\`slipway.id\` = '${runId}'`;
  const { items } = await client.searchRuns({ experimentIds, filter, viewType: 'ALL', maxResults: 100 });
  return Promise.all(items.map(({ info }) => client.getRun(info.runId)));
}

/** How often the server has each value of a run: the full history of every metric. */
export async function valuesOnServer(client: MlflowClient, run: Run): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const keys = Object.keys(run.data.metrics);
  const worker = async (): Promise<void> => {
    for (let key = keys.pop(); key !== undefined; key = keys.pop()) {
      for (const point of await client.metricHistory(run.info.runId, key)) {
        const identity = identityOf(key, point.step, point.timestampMs, point.value);
        counts.set(identity, (counts.get(identity) ?? 0) + 1);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return counts;
}
