import { UsageError } from '../../src/errors.ts';
import { randomSource, shuffled } from '../random.ts';
import { type SplitName, splitNames } from './dataset.ts';
import { apportion } from './limit.ts';

/** The share of the data that each part gets; together 1. */
export type SplitShares = Readonly<Record<SplitName, number>>;

interface Member {
  readonly label: number;
}

/** The part of each item, in their order: each class is dealt out by the shares, at random. */
export function splitByShares(items: readonly Member[], shares: SplitShares, seed: number): SplitName[] {
  const parts: SplitName[] = new Array(items.length);
  const labels = [...new Set(items.map(({ label }) => label))].sort((a, b) => a - b);
  for (const label of labels) {
    const places = [...items.keys()].filter((place) => items[place]?.label === label);
    const order = shuffled(places, randomSource(seed, 'split', label));
    let start = 0;
    for (const [index, count] of dealt(order.length, shares).entries()) {
      for (const place of order.slice(start, start + count)) parts[place] = splitNames[index] as SplitName;
      start += count;
    }
  }
  return parts;
}

/** No part that has a share is left without, as far as there are items. */
function dealt(count: number, shares: SplitShares): number[] {
  const wanted = splitNames.filter((name) => shares[name] > 0);
  const counts = apportion(
    wanted.map((name) => shares[name]),
    count,
  );
  return splitNames.map((name) => counts[wanted.indexOf(name)] ?? 0);
}

interface Group {
  readonly id: string;
  size: number;
  /** The highest label of its members: groups of each are dealt out for themselves. */
  stratum: number;
}

/**
 * The part of each item, so that no group is in two parts: as near to the shares as whole groups allow. Groups that hold
 * members of a later class and those that hold none are dealt out separately.
 * Throws UsageError where there are fewer groups with members of the last class than parts.
 */
export function splitByGroup(
  items: readonly (Member & { readonly group: string })[],
  shares: SplitShares,
  seed: number,
): SplitName[] {
  const groups = new Map<string, Group>();
  for (const { group: id, label } of items) {
    const group = groups.get(id) ?? { id, size: 0, stratum: 0 };
    group.size += 1;
    group.stratum = Math.max(group.stratum, label);
    groups.set(id, group);
  }
  const parts = splitNames.filter((name) => shares[name] > 0);
  const strata = [...new Set([...groups.values()].map(({ stratum }) => stratum))].sort((a, b) => b - a);
  const last = [...groups.values()].filter(({ stratum }) => stratum === strata[0]);
  if (last.length < parts.length) {
    throw new UsageError(
      `Only ${last.length} groups hold samples of the last class, but ${parts.join(', ')} need one group each.`,
      { hint: 'Samples of a group are kept together; with data_loader.split: shares they are not.' },
    );
  }
  const assigned = new Map<string, SplitName>();
  for (const stratum of strata) {
    const members = [...groups.values()].filter((group) => group.stratum === stratum);
    const total = members.reduce((sum, { size }) => sum + size, 0);
    const room = new Map(parts.map((name) => [name, shares[name] * total]));
    // In the order of their names first: the split must not depend on the order of files.
    const ordered = members.sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const { id, size } of shuffled(ordered, randomSource(seed, 'patients', String(stratum === strata[0])))) {
      const emptiest = parts.reduce((best, name) =>
        (room.get(name) ?? 0) / shares[name] > (room.get(best) ?? 0) / shares[best] ? name : best,
      );
      assigned.set(id, emptiest);
      room.set(emptiest, (room.get(emptiest) ?? 0) - size);
    }
  }
  return items.map(({ group }) => assigned.get(group) as SplitName);
}
