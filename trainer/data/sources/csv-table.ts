import { createReadStream } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { errorMessage, SlipwayError, UsageError } from '../../../src/errors.ts';
import { checkFile } from '../location.ts';
import { classNames, csvColumns, location, sampleColumns } from './common-parameters.ts';
import { type CsvRecord, CsvSplitter, cellsOf, checkLength, columnOf, emptyTable, rowNames } from './csv.ts';
import { type FeatureRow, featureSource, featuresOf, notNumbers } from './features.ts';
import { openImageFinder } from './image-finder.ts';
import { type LabelledImage, labelledImageSource } from './labelled-images.ts';
import { sampleRowReader, usedColumns } from './sample-table.ts';
import type { DataSource, SourceContext, SourceDefinition } from './source.ts';
import { openRandomAccess } from './spool.ts';

const parameters = z.strictObject({
  location: location('a CSV file with a header'),
  ...csvColumns,
  ...sampleColumns,
  class_names: classNames,
});

type Parameters = z.output<typeof parameters>;

/** Rows of a CSV file: with the path of an image, or with numbers. */
export const csvTable: SourceDefinition<typeof parameters> = {
  name: 'csv_table',
  parameters,
  open: (given, context) => (given.image_column === '' ? openFeatures(given, context) : openImages(given, context)),
};

/** Calls `row` for each record below the header, which `header` gets first; memory holds one piece of the file. */
async function readTable(
  { location, separator }: Parameters,
  { signal }: SourceContext,
  header: (columns: readonly string[]) => void,
  row: (record: CsvRecord, place: number) => void | Promise<void>,
): Promise<void> {
  await checkFile(location, 'a CSV file');
  const splitter = new CsvSplitter(separator, location);
  let columns: readonly string[] | null = null;
  let place = 0;
  const take = async (records: Iterable<CsvRecord>): Promise<void> => {
    for (const record of records) {
      if (columns === null) {
        columns = record.cells.map((cell) => cell.trim());
        header(columns);
        continue;
      }
      checkLength(record.cells, columns, place, location);
      await row(record, place);
      place += 1;
    }
  };
  try {
    for await (const chunk of createReadStream(location, { signal })) await take(splitter.push(chunk as Buffer));
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof SlipwayError) throw error;
    throw new UsageError(`The table ${location} cannot be read: ${errorMessage(error)}.`, { cause: error });
  }
  await take(splitter.end());
  if (place === 0) throw emptyTable(location);
}

async function openImages(given: Parameters, context: SourceContext): Promise<DataSource> {
  const { location, image_column, id_column, class_names } = given;
  const root = given.image_folder || path.dirname(location);
  const rowName = rowNames(location);
  const finder = await openImageFinder(root);
  try {
    const images: LabelledImage[] = [];
    let read: ReturnType<typeof sampleRowReader>;
    let imagePlace = -1;
    let idPlace = -1;
    const header = (columns: readonly string[]) => {
      const find = (column: string) => columnOf(columns, column, location);
      imagePlace = find(image_column);
      idPlace = id_column === '' ? imagePlace : find(id_column);
      read = sampleRowReader(columns, find, given, [image_column, id_column], rowName);
    };
    await readTable(given, context, header, async ({ cells }, place) => {
      const row = rowName(place);
      const name = (cells[imagePlace] as string).trim();
      const file = await finder.find(name, row);
      const sample = read(cells, place);
      images.push({ file, id: (cells[idPlace] as string).trim(), row, split: sample.split, sample });
    });
    const about = { location, imageLocation: root, classNames: class_names };
    return labelledImageSource(images, about, () => finder.close());
  } catch (error) {
    await finder.close();
    throw error;
  }
}

/** Where each row lies is kept, not its numbers: they are read again when they are asked for. */
async function openFeatures(given: Parameters, context: SourceContext): Promise<DataSource> {
  const { location, id_column, class_names, separator } = given;
  const rows: FeatureRow[] = [];
  const bounds: number[] = [];
  const rowName = rowNames(location);
  const nameOf = (place: number) => rowName(place).replace('row', 'Row');
  let columns: readonly string[] = [];
  let features: readonly number[] = [];
  let read: ReturnType<typeof sampleRowReader>;
  let idPlace = -1;
  const numbersOf = (cells: readonly string[], place: number): Float32Array => {
    try {
      return featuresOf(cells, features, columns);
    } catch (error) {
      throw notNumbers(nameOf(place), error, given);
    }
  };
  const header = (names: readonly string[]) => {
    const find = (column: string) => columnOf(names, column, location);
    columns = names;
    features = featureColumns(names, given).map(find);
    if (features.length === 0) throw new UsageError(`The table ${location} has no columns besides that of the label.`);
    idPlace = id_column === '' ? -1 : find(id_column);
    read = sampleRowReader(names, find, given, [...features.map((at) => names[at] as string), id_column], rowName);
  };
  await readTable(given, context, header, ({ cells, start, end }, place) => {
    numbersOf(cells, place);
    rows.push({
      id: idPlace === -1 ? String(place) : (cells[idPlace] as string).trim(),
      sample: read(cells, place),
    });
    bounds.push(start, end);
  });
  const access = await openRandomAccess(location);
  const about = { location, classNames: class_names, featureCount: features.length };
  try {
    return featureSource(rows, about, {
      nameOf,
      close: () => access.close(),
      read: async (place) => {
        const start = bounds[2 * place] as number;
        const bytes = await access.read(start, (bounds[2 * place + 1] as number) - start);
        return numbersOf(cellsOf(bytes.toString('utf8'), separator), place);
      },
    });
  } catch (error) {
    await access.close();
    throw error;
  }
}

/** Those that were asked for, or all that are nothing else. */
function featureColumns(columns: readonly string[], given: Parameters): readonly string[] {
  const { feature_columns, id_column } = given;
  const used = new Set([...usedColumns(given), id_column]);
  return feature_columns.length > 0 ? feature_columns : columns.filter((column) => !used.has(column));
}
