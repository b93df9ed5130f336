import { type RandomSource, shuffled } from '../random.ts';

/**
 * At most `limit` items (0 = all), drawn at random with both classes in the proportion they have, in their original order.
 * Each class that is there keeps at least one item where the limit is 2 or more.
 */
export function limitSamples<T extends { readonly label: number }>(
  items: readonly T[],
  limit: number,
  random: RandomSource,
): readonly T[] {
  if (limit === 0 || limit >= items.length) return items;
  const negatives = shuffled(
    items.filter((item) => item.label === 0),
    random,
  );
  const positives = shuffled(
    items.filter((item) => item.label === 1),
    random,
  );
  const share = Math.round((limit * positives.length) / items.length);
  const least = Math.min(positives.length, 1);
  const most = limit - Math.min(negatives.length, 1);
  const taken = Math.max(Math.min(share, most), least);
  const chosen = new Set([...positives.slice(0, taken), ...negatives.slice(0, limit - taken)]);
  return items.filter((item) => chosen.has(item));
}
