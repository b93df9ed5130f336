import path from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { UsageError } from '../../../src/errors.ts';
import type { Image } from '../../components/sample.ts';
import { decodeImage } from '../image-decoder.ts';
import { classLabels, ofClasses } from './class-labels.ts';
import { classNames, sampleColumns, tableColumns } from './common-parameters.ts';
import { columnOf } from './csv.ts';
import { featureImage, featuresOf, notNumbers } from './features.ts';
import { type ImageFinder, openImageFinder } from './image-finder.ts';
import { type LabelledImage, labelledImageSource } from './labelled-images.ts';
import { pixelSource } from './pixel-source.ts';
import { type PostgresTarget, postgresTarget, readRows, type SqlValue } from './postgres.ts';
import { type SampleRow, sampleRowReader, usedColumns } from './sample-table.ts';
import type { DataSource, SourceContext, SourceDefinition, SourceEntry } from './source.ts';
import { createSpool } from './spool.ts';

const parameters = z.strictObject({
  query: z
    .string({ error: 'expected a SELECT' })
    .min(1)
    .describe('A SELECT whose rows are the samples; with id_column or ORDER BY they are dealt out equally every time.'),
  address: z
    .string()
    .default('')
    .describe(
      'postgresql://user@host:port/database, without a password; what it does not say comes from PGHOST, PGPORT, PGDATABASE and PGUSER, the password from PGPASSWORD.',
    ),
  ...tableColumns,
  ...sampleColumns,
  class_names: classNames,
});

type Parameters = z.output<typeof parameters>;

/** Rows of a query of Postgres: with an image, with its path, or with numbers. They are kept on disk while they are used. */
export const sql: SourceDefinition<typeof parameters> = {
  name: 'sql',
  parameters,
  async open(given, context) {
    const target = postgresTarget(given.address, context.environment);
    if (given.id_column === '' && !/\border\s+by\b/i.test(given.query)) {
      context.warn(
        'The query says no order (ORDER BY, or id_column), so its rows may be dealt out differently each time.',
      );
    }
    if (given.image_column === '') return openSpooled(given, target, context, null);
    const finder = await openImageFinder(given.image_folder || '.');
    try {
      return await openSpooled(given, target, context, finder);
    } catch (error) {
      await finder.close();
      throw error;
    }
  },
};

/** Names of rows and places of columns of a query that runs. */
interface Layout {
  readonly read: (cells: readonly string[], place: number) => SampleRow;
  readonly image: number;
  readonly id: number;
  readonly features: readonly number[];
  readonly columns: readonly string[];
}

const rowName = (place: number) => `row ${place + 1} of the query`;

function layoutOf(columns: readonly string[], given: Parameters): Layout {
  const { image_column, id_column, feature_columns } = given;
  const find = (column: string) => columnOf(columns, column, 'of the query');
  const used = new Set([...usedColumns(given), id_column]);
  const numbers = feature_columns.length > 0 ? feature_columns : columns.filter((column) => !used.has(column));
  const features = image_column === '' ? numbers : [];
  if (image_column === '' && features.length === 0) {
    throw new UsageError('The query gives no columns besides that of the label.');
  }
  return {
    read: sampleRowReader(columns, find, given, [...features, image_column, id_column], rowName),
    image: image_column === '' ? -1 : find(image_column),
    id: id_column === '' ? -1 : find(id_column),
    features: features.map(find),
    columns,
  };
}

async function openSpooled(
  given: Parameters,
  target: PostgresTarget,
  context: SourceContext,
  finder: ImageFinder | null,
): Promise<DataSource> {
  const spool = await createSpool(context.cacheDirectory);
  try {
    const images: LabelledImage[] = [];
    const rows: { id: string; sample: SampleRow; offset: number; length: number; checksum: number }[] = [];
    let layout = {} as Layout;
    const row = async (values: readonly SqlValue[], place: number): Promise<void> => {
      const cells = values.map(String);
      const sample = layout.read(cells, place);
      const value = values[layout.image];
      const named = cells[layout.id]?.trim();
      if (typeof value === 'string') {
        const file = await (finder as ImageFinder).find(value, rowName(place));
        images.push({ file, id: named ?? value, row: rowName(place), split: sample.split, sample });
        return;
      }
      const bytes = value ?? numbersOf(cells, layout, place, given);
      rows.push({
        id: named ?? String(place),
        sample,
        offset: spool.size,
        length: bytes.length,
        checksum: crc32(bytes),
      });
      await spool.append(bytes);
    };
    const header = (columns: readonly string[]) => {
      layout = layoutOf(columns, given);
    };
    const count = await readRows(target, given.query, context, header, row);
    if (count === 0) throw new UsageError('The query of data_loader.query gives no row.');
    const location = `the ${target.name}`;
    const close = async () => {
      await spool.close();
      await finder?.close();
    };
    if (images.length > 0) {
      const about = { location, imageLocation: path.resolve(given.image_folder), classNames: given.class_names };
      return labelledImageSource(images, about, close);
    }
    const { classNames, labels } = classLabels(
      rows.map(({ sample }) => sample.label),
      given.class_names,
      (place) => `in ${rowName(place)}`,
    );
    const entries = rows.map(({ id, sample: { split, group, weight, columns } }, place): SourceEntry => {
      return { id, label: labels[place] as number, split, group, weight, columns };
    });
    const what = finder === null ? 'rows of numbers' : 'images';
    const description = `${count} ${what}${ofClasses(classNames)} from ${location}`;
    return pixelSource({ description, classNames }, entries, {
      nameOf: (place) => (finder === null ? rowName(place).replace('row', 'Row') : `The image of ${rowName(place)}`),
      checksums: rows.map(({ checksum }) => checksum),
      close,
      read: async (place) => {
        const { offset, length } = rows[place] as (typeof rows)[number];
        return imageOf(await spool.read(offset, length), finder === null);
      },
    });
  } catch (error) {
    await spool.close();
    throw error;
  }
}

/** The numbers of a row as the bytes of floats. */
function numbersOf(cells: readonly string[], { features, columns }: Layout, place: number, given: Parameters): Buffer {
  try {
    return Buffer.from(featuresOf(cells, features, columns).buffer);
  } catch (error) {
    throw notNumbers(rowName(place).replace('row', 'Row'), error, given);
  }
}

function imageOf(bytes: Buffer, isNumbers: boolean): Image {
  if (!isNumbers) return decodeImage(bytes);
  // The bytes of a pool may lie anywhere; floats must begin at a fourth.
  return featureImage(new Float32Array(new Uint8Array(bytes).buffer));
}
