import type { Look } from '../report/look.ts';
import { tableLines } from '../report/table.ts';
import { formatAge, formatBytes } from '../util/format.ts';
import type { PruneItem } from './prune.ts';

/** What would go as a table, one thing a line. */
export function pruneTable(items: readonly PruneItem[], nowMs: number, look: Look): string[] {
  return tableLines(
    [
      { title: 'kind' },
      { title: 'what', minimum: 20 },
      { title: 'name', minimum: 8, rank: 1 },
      { title: 'last used', align: 'right' },
      { title: 'size', align: 'right' },
    ],
    items.map(({ kind, id, name, lastUsedMs, bytes }) => [
      kind,
      { text: id, paint: look.paint.strong },
      name ?? '',
      lastUsedMs === null ? '' : `${formatAge(nowMs - lastUsedMs)} ago`,
      kind === 'container' ? '' : formatBytes(bytes),
    ]),
    look,
  );
}
