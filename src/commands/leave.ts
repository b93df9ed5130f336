import { environment } from '../config.ts';
import { ExitCode } from '../errors.ts';
import type { EventSink } from '../events.ts';
import type { Done } from './context.ts';

/** How a person who watches a run stops it, and how they leave it running; told where there is a keyboard. */
export const keysText = 'Ctrl-C stops the run; Ctrl-\\ leaves it running.';

/** Tells the keys, where somebody sits at a terminal. */
export function tellKeys(sink: EventSink): void {
  const hasKeyboard = process.stdin.isTTY === true && process.stderr.isTTY === true;
  if (hasKeyboard && environment().TERM !== 'dumb') sink({ timeMs: Date.now(), type: 'notice', text: keysText });
}

/**
 * Runs the watch of a run, from which SIGQUIT, which is Ctrl-\ at a terminal, leads away: the run goes on, and this process
 * ends with 131. A terminal that is closed ends this process alone, too.
 * @param work Given what tells that the person has left; rejects with its reason then.
 */
export async function untilLeft(work: (leave: AbortSignal) => Promise<void>, done: Done): Promise<void> {
  const leave = new AbortController();
  const onQuit = (): void => leave.abort('SIGQUIT');
  process.on('SIGQUIT', onQuit);
  try {
    await work(leave.signal);
  } catch (error) {
    if (!leave.signal.aborted || error !== leave.signal.reason) throw error;
    done(ExitCode.left);
  } finally {
    process.off('SIGQUIT', onQuit);
  }
}
