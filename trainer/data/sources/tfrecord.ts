import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { errorCode, errorMessage, SlipwayError, UsageError } from '../../../src/errors.ts';
import type { SplitName } from '../dataset.ts';
import { decodeImage } from '../image-decoder.ts';
import { classLabels } from './class-labels.ts';
import { classNames, location } from './common-parameters.ts';
import { noColumns } from './file-source.ts';
import { splitOfFolder } from './folder-names.ts';
import { pixelSource } from './pixel-source.ts';
import type { SourceContext, SourceDefinition, SourceEntry } from './source.ts';
import { openRandomAccess, type RandomAccess } from './spool.ts';
import { type Feature, parseExample } from './tf-example.ts';
import { type PreparedDataset, type PreparedSplit, readPreparedDataset } from './tfds-folder.ts';
import { type RecordPlace, readRecord, records } from './tfrecord-file.ts';

const feature = (what: string) =>
  z.string().default('').describe(`Name of the feature that is ${what}; empty means the first of that kind.`);

const parameters = z.strictObject({
  location: location('the folder of dataset_info.json, as TensorFlow Datasets prepares it'),
  image_feature: feature('the image'),
  label_feature: feature('the class'),
  class_names: classNames,
});

/** One record and where it lies. */
interface Example extends RecordPlace {
  readonly file: RandomAccess;
  /** For messages: `Record 7 of <file>`. */
  readonly nameOf: () => string;
  readonly id: string;
  readonly split: SplitName;
  readonly label: string;
  readonly checksum: number;
  readonly columns: Readonly<Record<string, string>>;
}

/** TFRecord files of a data set that TensorFlow Datasets prepared; all records are checked when it is opened. */
export const tfrecord: SourceDefinition<typeof parameters> = {
  name: 'tfrecord',
  parameters,
  async open({ location, image_feature, label_feature, class_names }, context) {
    const dataset = await readPreparedDataset(location, image_feature, label_feature);
    const files: RandomAccess[] = [];
    const close = async () => {
      for (const file of files) await file.close();
    };
    try {
      const examples: Example[] = [];
      for (const split of dataset.splits) await readSplit(split, dataset, context, files, examples);
      if (examples.length === 0)
        throw new UsageError(`The data ${location} has no records for train, validation or test.`);
      const given = class_names.length > 0 ? class_names : dataset.classNames;
      const nameOf = (place: number) => (examples[place] as Example).nameOf();
      const { classNames, labels } = classLabels(
        examples.map(({ label }) => label),
        given,
        (place) => `of ${nameOf(place).replace(/^Record/, 'record')}`,
      );
      const entries = examples.map(({ id, split, columns }, place): SourceEntry => {
        return { id, label: labels[place] as number, split, group: null, weight: 1, columns };
      });
      const description = `${entries.length} images of ${classNames.length} classes from ${location}`;
      return pixelSource({ name: dataset.name.replaceAll('_', '-'), description, classNames }, entries, {
        nameOf,
        checksums: examples.map(({ checksum }) => checksum),
        close,
        read: async (place) => {
          const example = examples[place] as Example;
          return decodeImage(imageOf(parseExample(await readRecord(example.file, example)), dataset.imageFeature));
        },
      });
    } catch (error) {
      await close();
      throw error;
    }
  },
};

async function readSplit(
  { name, shards }: PreparedSplit,
  dataset: PreparedDataset,
  { signal, warn, onProgress }: SourceContext,
  files: RandomAccess[],
  examples: Example[],
): Promise<void> {
  const split = splitOfFolder(name);
  if (split === null) {
    warn(`The part ${name} of ${dataset.name} is passed over: it is not one of train, validation and test.`);
    return;
  }
  const total = shards.reduce((sum, shard) => sum + shard.records, 0);
  if (total === 0) throw new UsageError(`The part ${name} of ${dataset.name} has no records in dataset_info.json.`);
  let done = 0;
  for (const shard of shards) {
    const file = await openShard(shard.file);
    files.push(file);
    let record = 0;
    const nameOf = (at: number) => `Record ${at} of ${shard.file}`;
    try {
      for await (const { data, offset, length } of records(file)) {
        const features = parseExample(data);
        const at = record;
        examples.push({
          file,
          offset,
          length,
          nameOf: () => nameOf(at),
          id: `${split}/${done}`,
          split,
          label: labelOf(features, dataset.labelFeature),
          checksum: crc32(imageOf(features, dataset.imageFeature)),
          columns: columnsOf(features, dataset),
        });
        record += 1;
        done += 1;
        if (done % 1024 === 0) {
          signal?.throwIfAborted();
          onProgress?.('checking records', done, total, 'records');
        }
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof SlipwayError) throw error;
      throw new UsageError(`${nameOf(record)} ${errorMessage(error)}.`, { cause: error });
    }
    if (record !== shard.records) {
      throw new UsageError(`The file ${shard.file} holds ${record} records; dataset_info.json says ${shard.records}.`);
    }
  }
}

async function openShard(file: string): Promise<RandomAccess> {
  try {
    return await openRandomAccess(file);
  } catch (error) {
    const reason = errorCode(error) === 'ENOENT' ? 'does not exist' : `cannot be read: ${errorMessage(error)}`;
    throw new UsageError(`The file ${file} of dataset_info.json ${reason}.`, { cause: error });
  }
}

function imageOf(features: ReadonlyMap<string, Feature>, name: string): Buffer {
  const [bytes, ...more] = features.get(name)?.bytes ?? [];
  if (bytes === undefined || more.length > 0) throw new Error(`holds no single image as its feature ${name}`);
  return bytes;
}

function labelOf(features: ReadonlyMap<string, Feature>, name: string): string {
  const { bytes = [], integers = [] } = features.get(name) ?? {};
  if (bytes.length + integers.length !== 1) throw new Error(`holds no single label as its feature ${name}`);
  return bytes[0]?.toString('utf8') ?? String(integers[0]);
}

/** Single numbers and texts beside image and label. */
function columnsOf(features: ReadonlyMap<string, Feature>, dataset: PreparedDataset): Readonly<Record<string, string>> {
  const columns: Record<string, string> = {};
  for (const [name, { bytes, floats, integers }] of features) {
    if (name === dataset.imageFeature || name === dataset.labelFeature) continue;
    const texts = dataset.textFeatures.has(name) ? bytes.map((value) => value.toString('utf8')) : [];
    const values = [...texts, ...floats, ...integers];
    if (values.length === 1) columns[name] = String(values[0]);
  }
  return Object.keys(columns).length === 0 ? noColumns : columns;
}
