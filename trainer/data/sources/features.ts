import { errorMessage, UsageError } from '../../../src/errors.ts';
import type { Image } from '../../components/sample.ts';
import { shown } from './cell-text.ts';
import { classLabels } from './class-labels.ts';
import { pixelSource } from './pixel-source.ts';
import type { SampleRow } from './sample-table.ts';
import type { DataSource } from './source.ts';

/** A row of numbers, which the network gets as an image of one line. */
export function featureImage(features: Float32Array): Image {
  return { pixels: features, height: 1, width: features.length, channels: 1 };
}

/** Truth values count as numbers. */
const truth: Readonly<Record<string, number>> = { true: 1, false: 0 };

/** The numbers in some cells. Throws an Error whose message completes the sentence "<row> …". */
export function featuresOf(cells: readonly string[], places: readonly number[], columns: readonly string[]) {
  const features = new Float32Array(places.length);
  for (const [at, place] of places.entries()) {
    const text = (cells[place] ?? '').trim();
    const value = text === '' ? Number.NaN : Number(truth[text] ?? text);
    if (!Number.isFinite(value)) throw new Error(`has '${shown(text)}' in column ${columns[place]}; expected a number`);
    features[at] = value;
  }
  return features;
}

/** The error of a row that `featuresOf` refused. */
export function notNumbers(
  row: string,
  error: unknown,
  given: { readonly feature_columns: readonly string[] },
): UsageError {
  return new UsageError(`${row} ${errorMessage(error)}.`, {
    cause: error,
    ...(given.feature_columns.length > 0
      ? {}
      : { hint: 'Name the columns of numbers by data_loader.feature_columns, or that of images by image_column.' }),
  });
}

/** A row of a table and what it is called. */
export interface FeatureRow {
  readonly id: string;
  readonly sample: SampleRow;
}

/** The source of rows of numbers; `nameOf` is what a row is called at the beginning of a sentence. */
export function featureSource(
  rows: readonly FeatureRow[],
  about: { readonly location: string; readonly classNames: readonly string[]; readonly featureCount: number },
  access: {
    readonly read: (place: number) => Promise<Float32Array>;
    readonly nameOf: (place: number) => string;
    readonly close: () => Promise<void>;
  },
): DataSource {
  const { classNames, labels } = classLabels(
    rows.map(({ sample }) => sample.label),
    about.classNames,
    (place) => `in ${access.nameOf(place).replace(/^Row/, 'row')}`,
  );
  const entries = rows.map(({ id, sample: { weight, group, split, columns } }, place) => {
    return { id, label: labels[place] as number, split, group, weight, columns };
  });
  const classes = classNames.length === 0 ? '' : ` and ${classNames.length} classes`;
  const description = `${entries.length} rows of ${about.featureCount} numbers${classes} from ${about.location}`;
  return pixelSource({ description, classNames }, entries, {
    ...access,
    read: async (place) => featureImage(await access.read(place)),
  });
}
