import { UsageError } from '../errors.ts';
import { isNotFound, type MlflowClient, type Run } from '../mlflow/index.ts';
import { didYouMean } from '../util/closest.ts';
import { quotedForFilter } from './list-runs.ts';
import { callOptions } from './open-server.ts';

/** A run that was found, and how many others have its name. */
export interface FoundRun {
  readonly run: Run;
  readonly namesakes: number;
}

const experimentsPerSearch = 200;
/** So many of those that a beginning fits are told. */
const shownMatches = 5;
/** The last runs whose names are compared with one that is misspelt, or cannot be asked for as it is. */
const comparedRuns = 500;

/**
 * The run of the server meant by an id of Slipway, the beginning of one, a name (the newest of that name), an id of MLflow,
 * or a beginning of one of 8 characters and more. Null where there is none. Throws UsageError where several are meant.
 */
export async function findRecordedRun(
  client: MlflowClient,
  text: string,
  signal: AbortSignal,
): Promise<FoundRun | null> {
  if (/^[0-9a-f]{32}$/.test(text)) {
    const run = await runById(client, text, signal);
    if (run !== null) return { run, namesakes: 0 };
  }
  if (/^\d{8}(?:-\d{0,6}(?:-[0-9a-z]{0,4})?)?$/.test(text)) {
    const begun = await search(client, `tags.\`slipway.id\` LIKE '${text}%'`, signal);
    if (begun.length > 0) return only(begun, text);
  }
  const named = await searchByName(client, text, signal);
  if (named[0] !== undefined) return { run: named[0], namesakes: named.length - 1 };
  if (/^[0-9a-f]{8,31}$/.test(text)) {
    const begun = await search(client, `attributes.run_id LIKE '${text}%'`, signal);
    if (begun.length > 0) return only(begun, text);
  }
  return null;
}

/** The error for a run that is nowhere, with the name that was probably meant; `known` are names beside the server's. */
export async function noRun(
  client: MlflowClient | null,
  text: string,
  known: readonly string[],
  signal: AbortSignal,
): Promise<UsageError> {
  const recorded = client === null ? [] : await search(client, null, signal, comparedRuns);
  const names = [...recorded.map(({ info }) => info.runName), ...known];
  const where = client === null ? '' : ` on ${client.trackingUri}, nor`;
  return new UsageError(`No run "${text}"${where} in the storage of this machine${didYouMean(text, names) || '.'}`, {
    hint: '`slipway runs` lists them.',
  });
}

/** The runs of that name, the newest first. */
async function searchByName(client: MlflowClient, name: string, signal: AbortSignal): Promise<Run[]> {
  const quoted = quotedForFilter(name);
  if (quoted !== null) return search(client, `attributes.run_name = ${quoted}`, signal);
  // MLflow's filters have no escapes: a name with both kinds of quotes is asked for by what else is in it.
  const alike = await search(
    client,
    `attributes.run_name LIKE '${name.replace(/['"\\]/g, '_')}'`,
    signal,
    comparedRuns,
  );
  return alike.filter(({ info }) => info.runName === name);
}

/** The runs of all experiments that a filter fits, deleted ones too, the newest first. */
async function search(
  client: MlflowClient,
  filter: string | null,
  signal: AbortSignal,
  maxResults = shownMatches + 1,
): Promise<Run[]> {
  const experimentIds: string[] = [];
  const experiments = client.iterateExperiments({ viewType: 'ALL' }, callOptions(signal));
  for await (const { experimentId } of experiments) experimentIds.push(experimentId);
  const found: Run[] = [];
  for (let start = 0; start < experimentIds.length; start += experimentsPerSearch) {
    const { items } = await client.searchRuns(
      {
        experimentIds: experimentIds.slice(start, start + experimentsPerSearch),
        ...(filter === null ? {} : { filter }),
        viewType: 'ALL',
        orderBy: ['attributes.start_time DESC'],
        maxResults,
      },
      callOptions(signal),
    );
    found.push(...items);
  }
  return found.sort((one, other) => other.info.startTimeMs - one.info.startTimeMs).slice(0, maxResults);
}

async function runById(client: MlflowClient, runId: string, signal: AbortSignal): Promise<Run | null> {
  try {
    return await client.getRun(runId, callOptions(signal));
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

function only(runs: readonly Run[], text: string): FoundRun {
  const [run] = runs;
  if (run !== undefined && runs.length === 1) return { run, namesakes: 0 };
  const shown = runs
    .slice(0, shownMatches)
    .map(({ info, data }) => `${data.tags['slipway.id'] ?? info.runId} (${info.runName})`);
  const more = runs.length > shownMatches ? ' and more' : '';
  throw new UsageError(`"${text}" means several runs: ${shown.join(', ')}${more}.`, {
    hint: 'Give more characters of the id.',
  });
}
