const blocks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** Stands for a value that is no finite number. */
const noNumber = '×';

/**
 * The course of values as one line of blocks, from the smallest value to the largest, no wider than so many columns.
 * Of more values than columns, neighbours share a block, which shows their mean; NaN and infinities are never hidden.
 * Equal values give a line of middle height.
 */
export function sparkline(values: readonly number[], columns: number): string {
  const width = Math.min(values.length, Math.floor(columns));
  if (width < 1) return '';
  const means = Array.from({ length: width }, (_, index) => {
    const start = Math.floor((index * values.length) / width);
    return mean(values.slice(start, Math.floor(((index + 1) * values.length) / width)));
  });
  const finite = means.filter(Number.isFinite);
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  return means
    .map((value) => {
      if (!Number.isFinite(value)) return noNumber;
      // Halved first: the distance of two large numbers may itself be infinite.
      const height = high === low ? 0.5 : (value / 2 - low / 2) / (high / 2 - low / 2);
      return blocks[Math.min(blocks.length - 1, Math.floor(height * blocks.length))];
    })
    .join('');
}

/** Not finite where one of the values is not. */
function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value / values.length, 0);
}
