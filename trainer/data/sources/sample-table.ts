import { UsageError } from '../../../src/errors.ts';
import type { SplitName } from '../dataset.ts';
import { shown } from './cell-text.ts';
import { noColumns } from './file-source.ts';
import { splitOfFolder } from './folder-names.ts';

/** Which columns of a table say what. */
export interface ColumnNames {
  readonly label_column: string;
  readonly weight_column: string;
  readonly group_column: string;
  readonly split_column?: string;
}

/** What a row says of its sample, besides where its image is. */
export interface SampleRow {
  /** Null where the table has none. */
  readonly label: string | null;
  readonly weight: number;
  readonly group: string | null;
  readonly split: SplitName | null;
  readonly columns: Readonly<Record<string, string>>;
}

/**
 * A reader of the rows of a table with these columns; `used` names further columns that are not kept. `rowName` is what a row,
 * counted from 0, is called within a sentence. The reader throws UsageError for a weight that is none, and this function for a column that is missing.
 */
export function sampleRowReader(
  columns: readonly string[],
  find: (column: string) => number,
  names: ColumnNames,
  used: readonly string[],
  rowName: (place: number) => string,
): (cells: readonly string[], place: number) => SampleRow {
  const label = names.label_column === '' ? -1 : find(names.label_column);
  const weight = names.weight_column === '' ? -1 : find(names.weight_column);
  const group = names.group_column === '' ? -1 : find(names.group_column);
  const split = names.split_column ? find(names.split_column) : -1;
  const isUsed = new Set([...used, ...usedColumns(names)]);
  const kept = [...columns.entries()].filter(([, name]) => !isUsed.has(name));
  return (cells, place) => ({
    label: label === -1 ? null : (cells[label] as string).trim(),
    weight: weight === -1 ? 1 : weightOf(cells[weight] as string, rowName(place)),
    group: group === -1 ? null : (cells[group] as string),
    split: split === -1 ? null : splitOf(cells[split] as string, rowName(place)),
    columns: kept.length === 0 ? noColumns : Object.fromEntries(kept.map(([at, name]) => [name, cells[at] as string])),
  });
}

/** The columns that are about a sample, not part of it. */
export function usedColumns({ label_column, weight_column, group_column, split_column }: ColumnNames): string[] {
  return [label_column, weight_column, group_column, split_column ?? ''].filter((name) => name !== '');
}

function splitOf(text: string, row: string): SplitName {
  const split = splitOfFolder(text.trim());
  if (split !== null) return split;
  throw new UsageError(`The part '${shown(text)}' in ${row} is not one of train, validation and test.`);
}

function weightOf(text: string, row: string): number {
  const weight = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(weight) && weight >= 0) return weight;
  throw new UsageError(`The weight '${shown(text)}' in ${row} is no number of 0 or more.`);
}
