import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { UsageError } from '../../src/errors.ts';
import type { DataLoader, DataOrigin } from '../components/data-loader.ts';
import type { Pixels, Sample, SampleGenerator } from '../components/sample.ts';
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
 * Throws UsageError for a part without samples, images of different sizes or depths, labels and weights out of bounds, and,
 * where labels are what is to be learned, nothing to tell apart, and a class that is to be found and was never shown.
 */
export async function readDataset(loader: DataLoader<object>, { learnsLabels = true } = {}): Promise<Dataset> {
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
  let trainingWeight = 0;
  for (const name of splitNames) {
    const ids: string[] = [];
    const labels: number[] = [];
    const entries: { id: string; fingerprint: number }[] = [];
    for await (const sample of generators[name]) {
      first ??= sample;
      checkSample(sample, loader);
      checkShape(sample, first, loader);
      if (name === 'training') trainingWeight += sample.weight;
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
  if (learnsLabels) checkClasses(splits, loader);
  if (trainingWeight === 0) {
    throw new UsageError(
      `All training samples in ${loader.origin.description} have the weight 0: there is nothing to learn.`,
    );
  }
  const { height, width, channels, pixels } = first as Sample;
  return {
    origin: loader.origin,
    classNames: loader.classNames,
    imageShape: [height, width, channels],
    dtype: dtypeOf(pixels),
    splits,
    loader,
  };
}

function dtypeOf(pixels: Pixels): Dataset['dtype'] {
  return pixels instanceof Float32Array ? 'float32' : pixels instanceof Uint16Array ? 'uint16' : 'uint8';
}

const depths = { uint8: '8 bits', uint16: '16 bits', float32: 'floats' } as const;

function checkShape(sample: Sample, first: Sample, loader: DataLoader<object>): void {
  const shape = ({ height, width, channels, pixels }: Sample): string =>
    `${width}x${height} pixels, ${channels} ${channels === 1 ? 'channel' : 'channels'}, ${depths[dtypeOf(pixels)]}`;
  if (shape(sample) === shape(first)) return;
  throw new UsageError(
    `${loader.nameOf(sample.id)} has ${shape(sample)}, but ${withinSentence(loader.nameOf(first.id))} has ${shape(first)}: a network takes one size and one kind.`,
  );
}

function withinSentence(name: string): string {
  return name.replace(/^[A-Z]/, (letter) => letter.toLowerCase());
}

function checkParts(splits: Readonly<Record<SplitName, Split>>, { origin }: DataLoader<object>): void {
  for (const name of splitNames) {
    if (splits[name].ids.length === 0) {
      throw new UsageError(
        `There are no ${name} samples in ${origin.description}: each of the three parts needs some.`,
      );
    }
  }
}

function checkClasses(splits: Readonly<Record<SplitName, Split>>, loader: DataLoader<object>): void {
  const { classNames, origin } = loader;
  if (classNames.length < 2) {
    const many = classNames.length === 0 ? 'no classes' : 'one class only';
    throw new UsageError(
      `A network that tells classes apart cannot learn from ${origin.description}: it has ${many}.`,
      { hint: 'With model_builder_class=autoencoder a network learns from images alone.' },
    );
  }
  const trained = new Set(splits.training.labels);
  for (const name of ['validation', 'test'] as const) {
    const { ids, labels } = splits[name];
    const unknown = labels.findIndex((label) => !trained.has(label));
    if (unknown !== -1) {
      throw new UsageError(
        `${loader.nameOf(ids[unknown] as string)} is a ${name} sample of the class ${classNames[labels[unknown] as number]}, of which there is no training sample.`,
      );
    }
  }
  const [only = 0] = trained;
  if (trained.size === 1) {
    throw new UsageError(
      `All samples in ${origin.description} are of the class ${classNames[only]}: there is nothing to tell apart.`,
    );
  }
}
