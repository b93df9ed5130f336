import { UsageError } from '../errors.ts';
import { MlflowApiError, type MlflowClient, type Run } from '../mlflow/index.ts';
import { asSentence } from '../util/as-sentence.ts';
import { isLowerBetter } from '../util/primary-metric.ts';
import { callOptions } from './open-server.ts';
import { type RecordedRun, toRecordedRun } from './recorded-run.ts';

export interface RunListQuery {
  readonly experimentId: string;
  /** So many runs at most. */
  readonly limit: number;
  /** Deleted runs, too. */
  readonly includesDeleted: boolean;
  /** A metric: the best run first. Null for the newest first. */
  readonly sort: string | null;
  /** MLflow's filter language, or a part of the name; null for all runs. */
  readonly filter: string | null;
}

export interface RunList {
  readonly runs: readonly RecordedRun[];
  /** Whether there are more than these. */
  readonly hasMore: boolean;
}

/** The server answers a page of this size at once; more runs are asked for page by page. */
const runsPerPage = 1000;

/**
 * The first runs of an experiment by a query. Only as many are fetched as are listed, and one more, which tells whether
 * there are others. Throws UsageError for a filter that the server does not understand.
 */
export async function listRuns(client: MlflowClient, query: RunListQuery, signal: AbortSignal): Promise<RunList> {
  const wanted = query.limit + 1;
  const found: Run[] = [];
  const search = {
    experimentIds: [query.experimentId],
    viewType: query.includesDeleted ? ('ALL' as const) : ('ACTIVE_ONLY' as const),
    orderBy: [...sortClauses(query.sort), 'attributes.start_time DESC'],
    ...(query.filter === null ? {} : { filter: filterClause(query.filter) }),
  };
  try {
    const pages = client.iterateRuns({ ...search, maxResults: Math.min(runsPerPage, wanted) }, callOptions(signal));
    for await (const run of pages) {
      found.push(run);
      if (found.length === wanted) break;
    }
  } catch (error) {
    throw explain(error, query);
  }
  const nowMs = Date.now();
  return {
    runs: found.slice(0, query.limit).map((run) => toRecordedRun(run, client.trackingUri, nowMs)),
    hasMore: found.length > query.limit,
  };
}

function sortClauses(metric: string | null): string[] {
  if (metric === null) return [];
  if (metric.includes('`')) throw new UsageError(`--sort is "${metric}"; the name of a metric has no backtick.`);
  return [`metrics.\`${metric}\` ${isLowerBetter(metric) ? 'ASC' : 'DESC'}`];
}

/** A text without an operator is a part of the run's name. */
export function filterClause(text: string): string {
  if (/[=<>]|\b(?:i?like|in|is)\b/i.test(text)) return text;
  const quoted = quotedForFilter(`%${text}%`);
  if (quoted !== null) return `attributes.run_name ILIKE ${quoted}`;
  throw new UsageError(`The filter ${text} has both kinds of quotes, which MLflow cannot search a name for.`);
}

/** A text in the quotes of MLflow's filter language, which knows no escapes; null for one that has both kinds. */
export function quotedForFilter(text: string): string | null {
  if (!text.includes("'")) return `'${text}'`;
  return text.includes('"') ? null : `"${text}"`;
}

function explain(error: unknown, { filter, sort }: RunListQuery): unknown {
  if (!(error instanceof MlflowApiError) || error.errorCode !== 'INVALID_PARAMETER_VALUE') return error;
  // `GET http://… answered 400 INVALID_PARAMETER_VALUE: why`: the reason alone is of use here.
  const reason = asSentence(error.message.replace(/^.* answered \d+ [A-Z_]+: /s, ''));
  const what = filter === null ? `--sort ${sort}` : `The filter "${filter}"`;
  return new UsageError(`${what} is not understood by the tracking server: ${reason}`, {
    hint: `As in: \`--filter "metrics.val_auc > 0.9 and params.epochs = '3'"\`; a word alone is a part of the run's name.`,
    cause: error,
  });
}
