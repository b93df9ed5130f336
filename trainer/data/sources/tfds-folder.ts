import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { errorMessage, UsageError } from '../../../src/errors.ts';
import { checkFolder } from '../location.ts';

const count = z.union([z.int(), z.string().regex(/^\d+$/).transform(Number)]);

/** What is used of `dataset_info.json` (tensorflow_datasets, `dataset_info.proto`). */
const infoSchema = z.looseObject({
  name: z.string(),
  fileFormat: z.string().default('tfrecord'),
  splits: z.array(
    z.looseObject({ name: z.string(), shardLengths: z.array(count), filepathTemplate: z.string().optional() }),
  ),
});

/** What is used of `features.json` (tensorflow_datasets, `feature.proto`). */
const featuresSchema = z.looseObject({
  featuresDict: z.looseObject({
    features: z.record(
      z.string(),
      z.looseObject({
        image: z.looseObject({ dtype: z.string().optional() }).optional(),
        classLabel: z.looseObject({ numClasses: count.optional() }).optional(),
        text: z.looseObject({}).optional(),
      }),
    ),
  }),
});

/** A part of a prepared data set: a file for each number of records. */
export interface PreparedSplit {
  readonly name: string;
  readonly shards: readonly { readonly file: string; readonly records: number }[];
}

/** A data set as TensorFlow Datasets prepares it. */
export interface PreparedDataset {
  readonly name: string;
  readonly splits: readonly PreparedSplit[];
  readonly imageFeature: string;
  readonly labelFeature: string;
  /** Features whose bytes are text. */
  readonly textFeatures: ReadonlySet<string>;
  /** Empty where neither the folder nor the description names the classes. */
  readonly classNames: readonly string[];
}

/**
 * Reads the description of a prepared data set. An empty `image` or `label` means the first feature of that kind.
 * Throws UsageError for a folder that is none, and for features that are not there.
 */
export async function readPreparedDataset(location: string, image: string, label: string): Promise<PreparedDataset> {
  await checkFolder(location, 'the folder of dataset_info.json');
  const info = await readJson(path.join(location, 'dataset_info.json'), infoSchema);
  if (info.fileFormat !== 'tfrecord') {
    throw new UsageError(`The data ${location} is in the format ${info.fileFormat}; expected tfrecord.`);
  }
  const file = path.join(location, 'features.json');
  const { features } = (await readJson(file, featuresSchema)).featuresDict;
  const imageFeature = pick(features, 'image', image, file);
  const labelFeature = pick(features, 'classLabel', label, file);
  const dtype = features[imageFeature]?.image?.dtype;
  if (dtype !== undefined && dtype !== 'uint8' && dtype !== 'uint16') {
    throw new UsageError(`The feature ${imageFeature} of ${file} holds images of ${dtype}; expected uint8 or uint16.`);
  }
  const splits = info.splits.map(({ name, shardLengths, filepathTemplate }) => ({
    name,
    shards: shardLengths.map((records, shard) => ({
      file: path.join(location, shardName(filepathTemplate, info.name, name, shard, shardLengths.length)),
      records,
    })),
  }));
  const classNames = await readClassNames(location, labelFeature, features[labelFeature]?.classLabel?.numClasses ?? 0);
  const textFeatures = new Set(Object.keys(features).filter((name) => features[name]?.text !== undefined));
  return { name: info.name, splits, imageFeature, labelFeature, textFeatures, classNames };
}

async function readJson<Output>(file: string, schema: z.ZodType<Output>): Promise<Output> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`The file ${file} cannot be read: ${errorMessage(error)}.`, {
      hint: 'Name the folder that TensorFlow Datasets prepared, as mnist/3.0.1 below its data folder.',
      cause: error,
    });
  }
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const issue = result.error.issues[0] as z.core.$ZodIssue;
  throw new UsageError(
    `The file ${file} has not the form of TensorFlow Datasets: ${issue.path.join('.')}: ${issue.message}.`,
  );
}

function pick(
  features: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  kind: 'image' | 'classLabel',
  wanted: string,
  file: string,
): string {
  const names = Object.keys(features);
  if (wanted !== '' && !names.includes(wanted)) {
    throw new UsageError(`There is no feature ${wanted} in ${file}; it has ${names.join(', ')}.`);
  }
  const found = wanted || names.find((name) => features[name]?.[kind] !== undefined);
  if (found !== undefined) return found;
  const what = kind === 'image' ? 'an image' : 'a class label';
  throw new UsageError(`No feature in ${file} is ${what}; it has ${names.join(', ')}.`);
}

function shardName(
  template: string | undefined,
  dataset: string,
  split: string,
  shard: number,
  shards: number,
): string {
  const [index, total] = [shard, shards].map((number) => String(number).padStart(5, '0'));
  return (template || '{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}')
    .replace('{DATASET}', dataset)
    .replace('{SPLIT}', split)
    .replace('{FILEFORMAT}', 'tfrecord')
    .replace('{SHARD_X_OF_Y}', `${index}-of-${total}`)
    .replace('{SHARD_INDEX}', index as string)
    .replace('{NUM_SHARDS}', total as string);
}

/** A line a class in `label.labels.txt`, else their numbers. */
async function readClassNames(location: string, label: string, classes: number): Promise<readonly string[]> {
  const text = await readFile(path.join(location, `${label}.labels.txt`), 'utf8').catch(() => null);
  if (text === null) return Array.from({ length: classes }, (_, place) => String(place));
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
