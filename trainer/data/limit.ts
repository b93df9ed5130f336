import { type RandomSource, shuffled } from '../random.ts';

/**
 * At most `limit` items (0 = all), drawn at random with the classes in the proportion they have, in their original order.
 * Each class that is there keeps at least one item where the limit allows that.
 */
export function limitSamples<T extends { readonly label: number }>(
  items: readonly T[],
  limit: number,
  random: RandomSource,
): readonly T[] {
  if (limit === 0 || limit >= items.length) return items;
  const labels = [...new Set(items.map(({ label }) => label))].sort((a, b) => a - b);
  const members = labels.map((label) =>
    shuffled(
      items.filter((item) => item.label === label),
      random,
    ),
  );
  const counts = apportion(
    members.map(({ length }) => length),
    limit,
  );
  const chosen = new Set(members.flatMap((group, index) => group.slice(0, counts[index])));
  return items.filter((item) => chosen.has(item));
}

/**
 * `total` dealt out in proportion to sizes, each size getting at least 1 where there is enough, by largest remainders
 * (the Hamilton method); of equal remainders the last gets the item.
 */
export function apportion(sizes: readonly number[], total: number): number[] {
  const sum = sizes.reduce((all, size) => all + size, 0);
  const shares = sizes.map((size) => (total * size) / sum);
  const counts = shares.map(Math.floor);
  const order = shares
    .map((share, index) => ({ index, remainder: share - Math.floor(share) }))
    .sort((a, b) => b.remainder - a.remainder || b.index - a.index);
  for (const { index } of order.slice(0, total - counts.reduce((all, count) => all + count, 0))) {
    counts[index] = (counts[index] as number) + 1;
  }
  if (total < sizes.length) return counts;
  for (const [index, count] of counts.entries()) {
    if (count > 0) continue;
    const largest = counts.indexOf(Math.max(...counts));
    counts[largest] = (counts[largest] as number) - 1;
    counts[index] = 1;
  }
  return counts;
}
