import { SlipwayError } from '../errors.ts';
import type { LaunchEvent, RunResult } from '../events.ts';
import { checkOptions, type LaunchOptions } from './launch-options.ts';

/**
 * Launches a run of a project and waits for its end, as `slipway run` does. A run that fails, or is stopped, is a
 * result like one that ends well: `status`, `exitCode` and `reason` tell. The run does not depend on this process:
 * where that ends, it goes on, and `slipway attach` shows it.
 *
 * Nothing is written to the console, and no signal is listened to.
 *
 * @throws {@link SlipwayError} where nothing could be launched: a {@link UsageError} for a wrong option, project or
 * parameter, an {@link UnavailableError} where there is no engine. The reason of `signal` where that was aborted before
 * the run began.
 */
export async function launch(options: LaunchOptions = {}): Promise<RunResult> {
  const { request, environment, signal, onEvent } = checkOptions(options);
  signal.throwIfAborted();
  const stop = new AbortController();
  let isProgramOver = false;
  const onAbort = (): void => {
    // Nothing is left to stop, and the result is near: it comes when all values are sent, or `drainTimeoutMs` is over.
    if (isProgramOver) return;
    // The agent is told by which signal it was: the result then says how the command line would have ended.
    stop.abort('SIGINT');
  };
  let failure: { readonly error: unknown } | null = null;
  const sink = (event: LaunchEvent): void => {
    if (event.type === 'state' && event.state === 'draining') isProgramOver = true;
    if (failure !== null) return;
    try {
      onEvent(event);
    } catch (error) {
      failure = { error };
      onAbort();
    }
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    // Imported now: who only speaks to MLflow need not load it.
    const { launch: launchRun } = await import('../launch/index.ts');
    const watch = { politeStop: stop.signal, forcedStop: new AbortController().signal };
    const result = await launchRun(request, { sink, environment, ...watch });
    return throwFirst(failure) ?? result;
  } catch (error) {
    throwFirst(failure);
    throw stop.signal.aborted && !(error instanceof SlipwayError) ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function throwFirst(failure: { readonly error: unknown } | null): undefined {
  if (failure !== null) throw failure.error;
}
