import { cutText } from './cut-text.ts';
import { lastLines } from './last-lines.ts';
import type { RunContext } from './run-context.ts';
import { statusOf } from './summary.ts';

/** The tag by which a run is stopped from MLflow's pages: its value is `true`. */
export const stopTag = 'slipway.stop';

const reasonTag = 'slipway.reason';
const failureTag = 'slipway.failure';
const exitCodeTag = 'slipway.exit_code';
const lastLinesTag = 'slipway.last_lines';
const incompleteTag = 'slipway.incomplete';

/** What says how a run ended: of a run that goes on they are taken away. */
export const endingTags = [reasonTag, failureTag, exitCodeTag, lastLinesTag, incompleteTag, stopTag] as const;

/** Characters of a reason that are shown as a tag; the whole of it is in `state.json`. */
const longestReason = 2000;
/** What every server of version 2 and later takes as the value of a tag is 5000 characters. */
const longestLastLines = 4000;
const lastLineCount = 30;

/** The tags that tell how the run ended, beside its status. */
export function tagsAtEnd(run: RunContext): Record<string, string> {
  const { reason, failure, exitCode, incomplete } = run.record;
  const status = statusOf(run);
  const tags: Record<string, string> = {};
  if (incomplete !== null) tags[incompleteTag] = cutText(incomplete, longestReason);
  if (status === 'FINISHED') return tags;
  if (reason !== null) tags[reasonTag] = cutText(reason, longestReason);
  if (exitCode !== null) tags[exitCodeTag] = String(exitCode);
  if (status !== 'FAILED') return tags;
  if (failure !== null) tags[failureTag] = failure;
  const lines = lastLinesOf(run, longestLastLines);
  if (lines !== null) tags[lastLinesTag] = lines;
  return tags;
}

/** The program's last lines without secrets, in at most so many characters; null where it wrote none. */
export function lastLinesOf(run: RunContext, longest: number): string | null {
  if (run.record.handle === null) return null;
  const lines = lastLines(run.paths.logs, { count: lastLineCount, longest });
  return lines === null ? null : run.mask(lines).slice(-longest);
}
