import { UsageError } from 'slipway/trainer';

/** The points of a closed line, each from -1 to 1. */
export type Drawing = readonly (readonly [x: number, y: number])[];

/** Throws UsageError that names the line of what is no point. */
export function parseDrawing(text: string, file: string): Drawing {
  const lines = text.trim().split('\n');
  const points = lines.map((line, index) => {
    const [x = Number.NaN, y = Number.NaN, ...more] = line.trim().split(/\s+/).map(Number);
    if (more.length > 0 || !(Math.abs(x) <= 1 && Math.abs(y) <= 1)) {
      throw new UsageError(`${file}, line ${index + 1}: '${line}' is no point: expected two numbers from -1 to 1.`);
    }
    return [x, y] as const;
  });
  if (points.length < 3) throw new UsageError(`${file} has ${points.length} points: a drawing needs three or more.`);
  return points;
}
