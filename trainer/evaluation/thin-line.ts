/**
 * The points of a line that can be seen: of the points in each of `columns` equal columns the first, the lowest, the
 * highest and the last. Where a column is no wider than a pixel, the line drawn is the same (M4: Jugel et al. 2014,
 * https://doi.org/10.14778/2732951.2732953). At most 4 × columns points, in their order; x must not fall.
 */
export function thinLine<Point extends { readonly x: number; readonly y: number }>(
  points: readonly Point[],
  columns: number,
): readonly Point[] {
  if (points.length <= 4 * columns) return points;
  const low = (points[0] as Point).x;
  const width = ((points.at(-1) as Point).x - low) / columns;
  const columnOf = ({ x }: Point) => (width === 0 ? 0 : Math.min(columns - 1, Math.floor((x - low) / width)));
  const kept: Point[] = [];
  for (let start = 0; start < points.length; ) {
    const column = columnOf(points[start] as Point);
    let [end, lowest, highest] = [start, start, start];
    while (end < points.length && columnOf(points[end] as Point) === column) {
      if ((points[end] as Point).y < (points[lowest] as Point).y) lowest = end;
      if ((points[end] as Point).y > (points[highest] as Point).y) highest = end;
      end += 1;
    }
    const chosen = [...new Set([start, lowest, highest, end - 1])].sort((a, b) => a - b);
    for (const index of chosen) kept.push(points[index] as Point);
    start = end;
  }
  return kept;
}
