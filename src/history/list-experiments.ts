import { type MlflowClient, runsTableUrl } from '../mlflow/index.ts';
import { callOptions } from './open-server.ts';

/** An experiment with runs that Slipway made. */
export interface RecordedExperiment {
  readonly experimentId: string;
  readonly name: string;
  /** Its table of runs. */
  readonly url: string;
  /** How many of the last runs that were looked at are in it. */
  readonly runs: number;
  readonly lastRunAtMs: number;
}

const experimentsPerSearch = 200;
/** So many of the last runs are looked at: an experiment without one of them is an old one. */
const runsLookedAt = 1000;

/** The experiments that have runs made by Slipway among the last runs of the server, the newest first. */
export async function listExperiments(client: MlflowClient, signal: AbortSignal): Promise<RecordedExperiment[]> {
  const found = new Map<string, RecordedExperiment>();
  const { items } = await client.searchExperiments({ maxResults: runsLookedAt }, callOptions(signal));
  for (let start = 0; start < items.length; start += experimentsPerSearch) {
    const part = items.slice(start, start + experimentsPerSearch);
    const names = new Map(part.map(({ experimentId, name }) => [experimentId, name]));
    const page = await client.searchRuns(
      {
        experimentIds: [...names.keys()],
        filter: "tags.`slipway.id` LIKE '%'",
        orderBy: ['attributes.start_time DESC'],
        maxResults: runsLookedAt,
      },
      callOptions(signal),
    );
    for (const { info } of page.items) {
      const { experimentId } = info;
      const before = found.get(experimentId);
      found.set(experimentId, {
        experimentId,
        name: names.get(experimentId) ?? '',
        url: runsTableUrl(client.trackingUri, experimentId),
        runs: (before?.runs ?? 0) + 1,
        lastRunAtMs: Math.max(before?.lastRunAtMs ?? 0, info.startTimeMs),
      });
    }
  }
  return [...found.values()].sort((one, other) => other.lastRunAtMs - one.lastRunAtMs);
}
