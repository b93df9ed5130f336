import { errorMessage, SlipwayError } from '../errors.ts';
import { stackText } from '../util/index.ts';
import type { RunContext } from './run-context.ts';
import { isDebugging } from './spawn-agent.ts';

/**
 * Tells everyone who watches why a run cannot go on, in one sentence, and keeps the stack of a defect of ours. Returns
 * the sentence.
 */
export function tellFailure(run: RunContext, error: unknown): string {
  const isOurs = !(error instanceof SlipwayError);
  const message = isOurs ? `internal error: ${errorMessage(error)}` : error.message;
  const hint = isOurs ? `This is a defect of Slipway; its stack is in ${run.paths.agentLog}` : error.hint;
  run.emit({ type: 'failure', message, ...(hint === undefined ? {} : { hint }) });
  if (isOurs) run.journal.defect(error);
  if (isDebugging()) run.emit({ type: 'debug', text: stackText(error) });
  return message;
}
