import { writeFile } from 'node:fs/promises';
import type { Sample } from '../data/sample.ts';

/** A field of a CSV file (RFC 4180). */
function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Writes `id,label,score`, one sample a line; scores with all their digits. */
export async function writePredictions(
  file: string,
  samples: readonly Sample[],
  scores: ArrayLike<number>,
): Promise<void> {
  const lines = samples.map((sample, index) => `${field(sample.id)},${sample.label},${scores[index]}`);
  await writeFile(file, `id,label,score\n${lines.join('\n')}\n`);
}
