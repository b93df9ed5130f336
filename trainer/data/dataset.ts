import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { UsageError } from '../../src/errors.ts';
import type { DataLoader, DataOrigin } from '../components/data-loader.ts';
import type { Sample, SampleGenerator } from '../components/sample.ts';
import { checkSample } from './check-sample.ts';
import { checksum } from './checksum.ts';

export const splitNames = ['training', 'validation', 'test'] as const;
export type SplitName = (typeof splitNames)[number];

/** What is known of one part of a data set without its pixels. */
export interface Split {
  /** In the order of the part's generator; of the training part in that of its first epoch. */
  readonly ids: readonly string[];
  /** One a sample, in the same order. */
  readonly labels: Int32Array;
  /** 32 hexadecimal digits that identify exactly these samples. */
  readonly digest: string;
}

/** Samples in three parts, every one of which was read once. */
export interface Dataset {
  readonly origin: DataOrigin;
  /** By label; of two the second is the positive class. Empty where labels are no classes. */
  readonly classNames: readonly string[];
  readonly imageShape: readonly [height: number, width: number, channels: number];
  /** NumPy's name of what the pixels are. */
  readonly dtype: 'uint8' | 'uint16' | 'float32';
  readonly splits: Readonly<Record<SplitName, Split>>;
  readonly loader: DataLoader<object>;
}

/** The samples of a part; those of training in the order of an epoch, from 1. */
export function samplesOf({ loader }: Dataset, split: SplitName, epoch = 1): SampleGenerator {
  if (split === 'training') return loader.createTrainingGenerator(epoch);
  return split === 'validation' ? loader.createValidationGenerator() : loader.createTestGenerator();
}

/** Some samples of a generator, in the order in which they are asked for. */
export async function pickSamples(generator: SampleGenerator, places: readonly number[]): Promise<Sample[]> {
  const wanted = new Set(places);
  const found = new Map<number, Sample>();
  let place = 0;
  for await (const sample of generator) {
    if (wanted.has(place)) found.set(place, sample);
    if (found.size === wanted.size) break;
    place += 1;
  }
  return places.map((index) => found.get(index) as Sample);
}

/** The digest of a set of samples: 32 hexadecimal digits, whatever their order; `fingerprint` is a checksum of the content. */
export function datasetDigest(entries: readonly { readonly id: string; readonly fingerprint: number }[]): string {
  const lines = entries.map(({ id, fingerprint }) => `${id} ${(fingerprint >>> 0).toString(16)}\n`).sort();
  return createHash('sha256').update(lines.join('')).digest('hex').slice(0, 32);
}

/** How many samples there are of each class. */
export function countClasses(labels: Int32Array, classNames: readonly string[]): Record<string, number> {
  const counts = new Array<number>(classNames.length).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return Object.fromEntries(classNames.map((name, label) => [name, counts[label] as number]));
}

/**
 * Reads every sample of an opened loader once: what is wrong with one is known before anything is trained.
 * Throws UsageError for a part without samples, images of different sizes, labels out of bounds, and a class that is to be
 * found and was never shown.
 */
export async function readDataset(loader: DataLoader<object>): Promise<Dataset> {
  const { signal, onProgress } = loader.setup;
  const generators = {
    training: loader.createTrainingGenerator(1),
    validation: loader.createValidationGenerator(),
    test: loader.createTestGenerator(),
  };
  const total = splitNames.reduce((sum, name) => sum + generators[name].count, 0);
  const splits = {} as Record<SplitName, Split>;
  let first: Sample | null = null;
  let done = 0;
  for (const name of splitNames) {
    const ids: string[] = [];
    const labels: number[] = [];
    const entries: { id: string; fingerprint: number }[] = [];
    for await (const sample of generators[name]) {
      first ??= sample;
      checkSample(sample, loaderName(loader), loader.classNames.length);
      checkShape(sample, first);
      ids.push(sample.id);
      labels.push(sample.label);
      entries.push({ id: sample.id, fingerprint: loader.fingerprintOf(sample.id) ?? checksum(sample) });
      done += 1;
      if (done % 128 === 0 || done === total) {
        onProgress('loading images', done, total, 'images');
        await nextTurn();
        signal.throwIfAborted();
      }
    }
    splits[name] = { ids, labels: Int32Array.from(labels), digest: datasetDigest(entries) };
  }
  checkParts(splits, loader);
  const { height, width, channels, pixels } = first as Sample;
  const dtype = pixels instanceof Float32Array ? 'float32' : pixels instanceof Uint16Array ? 'uint16' : 'uint8';
  return {
    origin: loader.origin,
    classNames: loader.classNames,
    imageShape: [height, width, channels],
    dtype,
    splits,
    loader,
  };
}

function checkShape(sample: Sample, first: Sample): void {
  const shape = ({ height, width, channels }: Sample): string => `${width}x${height} pixels with ${channels} channels`;
  if (shape(sample) === shape(first)) return;
  throw new UsageError(
    `The sample ${sample.id} has ${shape(sample)}, but ${first.id} has ${shape(first)}: a network takes one size.`,
  );
}

/** As people know it: those of sources are classes without a name. */
function loaderName(loader: DataLoader<object>): string {
  return loader.constructor.name || loader.origin.name;
}

function checkParts(splits: Readonly<Record<SplitName, Split>>, { classNames, origin }: DataLoader<object>): void {
  for (const name of splitNames) {
    if (splits[name].ids.length === 0) {
      throw new UsageError(
        `There are no ${name} samples in ${origin.description}: each of the three parts needs some.`,
      );
    }
  }
  const trained = new Set(splits.training.labels);
  for (const name of ['validation', 'test'] as const) {
    const unknown = splits[name].labels.find((label) => !trained.has(label));
    if (unknown !== undefined && classNames.length > 0) {
      throw new UsageError(
        `The class ${classNames[unknown]} is among the ${name} samples of ${origin.description}, but not among the training samples.`,
      );
    }
  }
}
