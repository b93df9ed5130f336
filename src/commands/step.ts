import type { EventSink, LaunchEventBody } from '../events.ts';

/** Whom the work of a step tells what it does. */
export interface StepListener {
  readonly onProgress: (text: string, line?: string) => void;
  readonly onNotice: (text: string) => void;
}

/** Runs one step of a verb between its start and its end, as the steps of a run are shown. Of several at once each has an id. */
export async function withStep<Result>(
  sink: EventSink,
  title: string,
  work: (listener: StepListener) => Promise<Result>,
  describe: (result: Result) => { readonly title: string; readonly reused: boolean },
  id = 'step',
): Promise<Result> {
  const emit = (body: LaunchEventBody): void => sink({ timeMs: Date.now(), ...body });
  const startedMs = Date.now();
  emit({ type: 'step-started', id, title });
  try {
    const result = await work({
      onProgress: (text, line) => emit({ type: 'step-progress', id, text, ...(line === undefined ? {} : { line }) }),
      onNotice: (text) => emit({ type: 'notice', text }),
    });
    emit({ type: 'step-finished', id, durationMs: Date.now() - startedMs, ...describe(result) });
    return result;
  } catch (error) {
    emit({ type: 'step-failed', id, title, durationMs: Date.now() - startedMs });
    throw error;
  }
}
