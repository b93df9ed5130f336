import { formatBytes } from '../util/format.ts';
import { broken, fine, type Outcome, warning } from './check.ts';

const gigabyte = 1e9;
/** An image takes 1 to 6 GB and a storage grows with each run: below this a day's work may fail. */
const lowBytes = 10 * gigabyte;
/** Below this the next run fails. */
const leastBytes = gigabyte;

/** Judges what is left on a disk. `where` completes `69 GB free …`; `advice` says what to do about too little. */
export function judgeSpace(
  space: { readonly freeBytes: number; readonly totalBytes: number },
  where: string,
  advice: { readonly text: string; readonly mend?: Outcome['mend'] },
): Outcome {
  const { freeBytes, totalBytes } = space;
  const text = `${formatBytes(freeBytes)} free of ${formatBytes(totalBytes)} ${where}`;
  const facts = { freeBytes, totalBytes };
  if (freeBytes >= lowBytes) return fine(text, facts);
  const more = { facts, mend: advice.mend ?? null };
  return (freeBytes < leastBytes ? broken : warning)(`${text}: ${advice.text}`, more);
}
