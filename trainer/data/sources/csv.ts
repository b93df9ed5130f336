import { isUtf8 } from 'node:buffer';
import { UsageError } from '../../../src/errors.ts';
import { shown } from './cell-text.ts';
import { listed } from './class-labels.ts';

/** A table of text with a header; a cell is looked up by its column. */
export interface CsvTable {
  readonly columns: readonly string[];
  /** Each with as many cells as there are columns. */
  readonly rows: readonly (readonly string[])[];
  /** The place of a column. Throws UsageError that lists the columns where it is missing. */
  column(name: string): number;
}

/** One record and where it begins and ends, in bytes. */
export interface CsvRecord {
  readonly cells: readonly string[];
  readonly start: number;
  readonly end: number;
}

const quote = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** The row of a record as a spreadsheet numbers it: the header is row 1. */
export function rowNumber(place: number): number {
  return place + 2;
}

/** What the rows of a table are called within a sentence. */
export function rowNames(table: string): (place: number) => string {
  return (place) => `row ${rowNumber(place)} of ${table}`;
}

/**
 * Splits bytes into the records of RFC 4180, whatever the pieces in which they come; lines that are empty are passed
 * over. `separator` is one ASCII character, `name` is the table's for messages.
 * Throws UsageError for what is no UTF-8, and for a quote that nothing closes.
 */
export class CsvSplitter {
  readonly #separator: string;
  readonly #name: string;
  #count = 0;
  #rest: Buffer = Buffer.alloc(0);
  #offset = 0;

  constructor(separator: string, name: string) {
    this.#separator = separator;
    this.#name = name;
  }

  /** The records that end within the bytes so far. */
  *push(bytes: Buffer): Generator<CsvRecord> {
    const data = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let start = 0;
    let isQuoted = false;
    for (let place = 0; place < data.length; place += 1) {
      const byte = data[place];
      // A quote inside quotes is written twice, which turns this twice.
      if (byte === quote) isQuoted = !isQuoted;
      if (byte !== lineFeed || isQuoted) continue;
      yield* this.#record(data, start, place + 1);
      start = place + 1;
    }
    this.#offset += start;
    this.#rest = data.subarray(start);
  }

  /** The record that no line feed ends. */
  *end(): Generator<CsvRecord> {
    if (this.#rest.filter((byte) => byte === quote).length % 2 === 1) {
      throw new UsageError(`Row ${this.#count + 1} of ${this.#name} opens a quote (") that nothing closes.`);
    }
    yield* this.#record(this.#rest, 0, this.#rest.length, this.#offset);
  }

  *#record(data: Buffer, start: number, end: number, offset = this.#offset): Generator<CsvRecord> {
    let last = end;
    while (last > start && (data[last - 1] === lineFeed || data[last - 1] === carriageReturn)) last -= 1;
    if (last === start) return;
    const bytes = data.subarray(start, last);
    this.#count += 1;
    if (!isUtf8(bytes)) {
      throw new UsageError(`Row ${this.#count} of ${this.#name} is not text in UTF-8.`, {
        hint: 'Save the table as UTF-8; in Excel that is "CSV UTF-8".',
      });
    }
    const text = bytes.toString('utf8');
    yield { cells: cellsOf(text, this.#separator), start: offset + start, end: offset + last };
  }
}

/** The cells of one record. */
export function cellsOf(record: string, separator: string): string[] {
  const text = record.startsWith('\uFEFF') ? record.slice(1) : record;
  if (!text.includes('"')) return text.split(separator);
  const cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let place = 0; place < text.length; place += 1) {
    const character = text[place];
    if (isQuoted && character === '"' && text[place + 1] === '"') {
      cell += '"';
      place += 1;
    } else if (character === '"') isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) {
      cells.push(cell);
      cell = '';
    } else cell += character;
  }
  return [...cells, cell];
}

/** Reads a whole table. `name` is for messages. Throws UsageError for a row of another length than the header. */
export function parseCsv(bytes: Buffer, separator: string, name: string): CsvTable {
  const splitter = new CsvSplitter(separator, name);
  const records = [...splitter.push(bytes), ...splitter.end()];
  const header = records.shift();
  if (header === undefined || records.length === 0) throw emptyTable(name);
  const columns = header.cells.map((cell) => cell.trim());
  for (const [place, { cells }] of records.entries()) checkLength(cells, columns, place, name);
  return { columns, rows: records.map(({ cells }) => cells), column: (column) => columnOf(columns, column, name) };
}

/** Throws UsageError where a row has not one cell a column. */
export function checkLength(cells: readonly string[], columns: readonly string[], place: number, name: string): void {
  if (cells.length === columns.length) return;
  throw new UsageError(
    `Row ${rowNumber(place)} of ${name} has ${cells.length} cells, but the header has ${columns.length} columns.`,
  );
}

/** The error of a table without samples. */
export function emptyTable(name: string): UsageError {
  return new UsageError(`The table ${name} is empty; expected a header and a row a sample.`);
}

/** The place of a column. Throws UsageError that lists the columns where it is missing, and where two are called so. */
export function columnOf(columns: readonly string[], column: string, name: string): number {
  const place = columns.indexOf(column);
  if (place !== columns.lastIndexOf(column)) {
    throw new UsageError(`The table ${name} has two columns of the name ${column}.`);
  }
  if (place !== -1) return place;
  throw new UsageError(`The table ${name} has no column ${column}; its columns are ${listed(columns.map(shown))}.`);
}
