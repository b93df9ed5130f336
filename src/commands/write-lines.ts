import { once } from 'node:events';

/** Whether nobody reads standard output any more, as behind `| head`. */
function isGone(): boolean {
  const { destroyed, errored, writable } = process.stdout;
  return destroyed || errored !== null || !writable;
}

/**
 * Writes lines to standard output, no faster than they are read. False where nobody reads any more: there is nothing left
 * to do then.
 */
export async function writeLines(lines: readonly string[]): Promise<boolean> {
  if (isGone()) return false;
  if (lines.length === 0 || process.stdout.write(`${lines.join('\n')}\n`)) return true;
  const over = new AbortController();
  try {
    await Promise.race(['drain', 'close'].map((event) => once(process.stdout, event, { signal: over.signal })));
  } catch {
    // It broke while it was waited for: as said.
  } finally {
    over.abort();
  }
  return !isGone();
}
