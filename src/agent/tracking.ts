import { environment } from '../config.ts';
import { type SlipwayError, UnavailableError } from '../errors.ts';
import { MlflowClient, parseTrackingUri } from '../mlflow/index.ts';
import { ensureTrackingServer } from '../tracking/index.ts';
import { exchangeEvents } from './exchange-events.ts';
import type { RunContext } from './run-context.ts';

/**
 * A client of the server this run reports to: the one the person named, else the embedded one, which is started
 * where it does not run. Null where neither can be had: the run is then recorded in its folder alone.
 */
export async function openTracking(run: RunContext, signal: AbortSignal): Promise<MlflowClient | null> {
  const named = run.plan.tracking.uri ?? namedLater(run);
  const { secrets: maskedTexts } = run;
  const onExchange = exchangeEvents((event) => run.emit(event));
  if (named !== null) {
    return new MlflowClient({ trackingUri: withUserInfo(named), environment: environment(), onExchange, maskedTexts });
  }
  try {
    const server = await run.journal.step(
      'tracking',
      'tracking server',
      (progress) =>
        ensureTrackingServer({
          storageDirectory: run.plan.storage.directory,
          prefer: run.plan.engine === 'docker' ? 'auto' : 'python',
          environment: environment(),
          onProgress: progress,
          onNotice: (text) => run.emit({ type: 'notice', text }),
          onExchange,
          signal,
        }),
      (found) => ({ title: `tracking server ${found.uri}`, reused: found.reused }),
    );
    run.emit({ type: 'detail', text: `Tracking server: MLflow ${server.mlflowVersion}, ${server.kind} ${server.id}.` });
    return new MlflowClient({ trackingUri: server.uri, environment: {}, onExchange, maskedTexts });
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    signal.throwIfAborted();
    run.emit({
      type: 'warning',
      text: `${message(error)} The run is recorded in ${run.paths.directory}; carry it to a server later with: \`MLFLOW_TRACKING_URI=http://… slipway sync ${run.plan.runId}\``,
    });
    return null;
  }
}

/** The plan holds no secrets: a login that stands in the variable's address is taken from there. */
function withUserInfo(uri: string): string {
  const named = environment().MLFLOW_TRACKING_URI;
  return named !== undefined && named !== '' && parseTrackingUri(named).uri === uri ? named : uri;
}

/** The server named by whoever carries a run, recorded without one, to a server later. */
function namedLater(run: RunContext): string | null {
  return run.adopted && run.record.mlflowRunId === null ? (environment().MLFLOW_TRACKING_URI ?? null) : null;
}

function message(error: SlipwayError): string {
  return error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
}
