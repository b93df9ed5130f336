import { environment } from '../config.ts';
import { type SlipwayError, UnavailableError } from '../errors.ts';
import { MlflowClient, parseTrackingUri } from '../mlflow/index.ts';
import { ensureTrackingServer } from '../tracking/index.ts';
import { exchangeEvents } from './exchange-events.ts';
import type { RunContext } from './run-context.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Which server a run reports to. */
export type RunServer =
  /** That of an address, which may not be the plan's: it is kept, then, with the run. */
  | { readonly kind: 'named'; readonly uri: string; readonly isOther: boolean }
  /** The one that comes with Slipway. */
  | { readonly kind: 'embedded' }
  /** None is to be spoken to. */
  | { readonly kind: 'none' };

/**
 * The server of a run. One that may know the run already stays its server, whatever is named later. A run that no server
 * knows is sent to the one of MLFLOW_TRACKING_URI, else to that of its plan.
 */
export function serverOf({ plan, record, isSent }: RunContext, variables: Environment = environment()): RunServer {
  const { uri, offline } = plan.tracking;
  const embeddedOr = (named: string | null, isOther: boolean): RunServer =>
    named === null ? { kind: 'embedded' } : { kind: 'named', uri: named, isOther };
  if (!isSent && offline === 'always') return { kind: 'none' };
  if (record.namedServer !== null) return embeddedOr(record.namedServer, true);
  const given = isSent && !mayBeKnown(record) ? variables.MLFLOW_TRACKING_URI : undefined;
  if (!given) return embeddedOr(uri, false);
  const named = parseTrackingUri(given).uri;
  return embeddedOr(named, named !== uri);
}

/** Whether a server has the run, or may have it: its answer to the request that makes a run can have been lost. */
export function mayBeKnown({ mlflowRunId, registering, replacedRunIds }: RunContext['record']): boolean {
  return mlflowRunId !== null || registering || replacedRunIds.length > 0;
}

/**
 * A client of the run's server; the embedded one is started where it does not run. Null where none is to be spoken to, and
 * where the embedded one cannot be had.
 */
export async function openTracking(
  run: RunContext,
  signal: AbortSignal,
  variables: Environment = environment(),
): Promise<MlflowClient | null> {
  const server = serverOf(run, variables);
  const { secrets: maskedTexts } = run;
  const options = { onExchange: exchangeEvents((event) => run.emit(event)), maskedTexts };
  if (server.kind === 'none') return null;
  if (server.kind === 'named') {
    const trackingUri = withUserInfo(server.uri, variables);
    return new MlflowClient({ trackingUri, environment: variables, ...options });
  }
  try {
    const started = await run.journal.step(
      'tracking',
      'tracking server',
      (progress) =>
        ensureTrackingServer({
          storageDirectory: run.plan.storage.directory,
          prefer: run.plan.engine === 'docker' ? 'auto' : 'python',
          environment: variables,
          onProgress: progress,
          onNotice: (text) => run.emit({ type: 'notice', text }),
          onExchange: options.onExchange,
          signal,
        }),
      (found) => ({ title: `tracking server ${found.uri}`, reused: found.reused }),
    );
    const { mlflowVersion, kind, id } = started;
    run.emit({ type: 'detail', text: `Tracking server: MLflow ${mlflowVersion}, ${kind} ${id}.` });
    return new MlflowClient({ trackingUri: started.uri, environment: {}, ...options });
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    signal.throwIfAborted();
    // Asked for a server, there is nothing to go on without.
    if (run.isSent) throw notStarted(run, error);
    run.emit({
      type: 'warning',
      text: `${message(error)} The run is recorded in ${run.paths.directory}; carry it to a server later with: \`MLFLOW_TRACKING_URI=http://… slipway sync ${run.plan.runId}\``,
    });
    return null;
  }
}

/** The plan holds no secrets: a login that stands in the variable's address is taken from there. */
function withUserInfo(uri: string, { MLFLOW_TRACKING_URI: named }: Environment): string {
  return named !== undefined && named !== '' && parseTrackingUri(named).uri === uri ? named : uri;
}

function notStarted({ plan }: RunContext, error: UnavailableError): UnavailableError {
  const named = `Or name a server that runs: \`MLFLOW_TRACKING_URI=http://… slipway sync ${plan.runId}\``;
  const hint = error.hint === undefined ? named : `${error.hint.replace(/(?<![.!?`])$/, '.')} ${named}`;
  return new UnavailableError(error.message, { cause: error, hint });
}

function message(error: SlipwayError): string {
  return error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
}
