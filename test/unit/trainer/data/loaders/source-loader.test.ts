import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { UsageError } from '../../../../../src/errors.ts';
import { type Image, plainSetup } from '../../../../../trainer/components/index.ts';
import {
  type Dataset,
  readDataset,
  type SplitName,
  samplesOf,
  splitNames,
} from '../../../../../trainer/data/dataset.ts';
import { loaderOf } from '../../../../../trainer/data/loaders/source-loader.ts';
import type { DataSource, SourceDefinition, SourceEntry } from '../../../../../trainer/data/sources/source.ts';
import { allSamples } from '../../../../support/list-loader.ts';

const grey = (value: number, side = 4): Image => ({
  pixels: new Uint8Array(side * side).fill(value),
  height: side,
  width: side,
  channels: 1,
});
const red = (side = 4): Image => ({
  pixels: Uint8Array.from({ length: side * side * 3 }, (_, place) => (place % 3 === 0 ? 200 : 0)),
  height: side,
  width: side,
  channels: 3,
});

/** A source of 100 entries, every fifth of the second class, that counts how often an image is read. */
function sourceOf(
  change: (place: number) => Partial<SourceEntry> = () => ({}),
  image = (place: number) => grey(place),
) {
  const reads: number[] = [];
  let closed = 0;
  const definition: SourceDefinition = {
    name: 'made',
    parameters: z.strictObject({ location: z.string().default('/data/made') }),
    open: async (): Promise<DataSource> => ({
      name: 'made-data',
      description: '100 images made for a test',
      classNames: ['many', 'few'],
      entries: Array.from({ length: 100 }, (_, place) => ({
        ...{ id: `image ${place}`, label: place % 5 === 0 ? 1 : 0, split: null, group: null, weight: 1, columns: {} },
        ...change(place),
      })),
      nameOf: (place) => `Image ${place} of the test`,
      read: async (place) => {
        reads.push(place);
        return image(place);
      },
      fingerprint: async (place) => place,
      close: async () => {
        closed += 1;
      },
    }),
  };
  return { definition, reads, closedTimes: () => closed };
}

async function load(
  { definition }: { readonly definition: SourceDefinition },
  parameters: Readonly<Record<string, unknown>> = {},
): Promise<Dataset> {
  const Loader = loaderOf(definition);
  const loader = new Loader(parameters, { ...plainSetup, inputHeight: 4, inputWidth: 4 });
  await loader.open();
  return readDataset(loader);
}

async function refusal(loading: Promise<unknown>): Promise<UsageError> {
  const error: unknown = await loading.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof UsageError)) throw new Error(`expected a UsageError, got ${String(error)}`);
  return error;
}

const counts = ({ splits }: Dataset): number[] => splitNames.map((name) => splits[name].ids.length);
const fewIn = ({ splits }: Dataset, name: SplitName): number =>
  splits[name].labels.filter((label) => label === 1).length;

describe('the parts of a source', () => {
  it('are shares of each class where the data say nothing', async () => {
    const dataset = await load(sourceOf());
    expect(counts(dataset)).toEqual([70, 15, 15]);
    expect(splitNames.map((name) => fewIn(dataset, name))).toEqual([14, 3, 3]);
    expect(counts(await load(sourceOf(), { validation_share: 0.2, test_share: 0.3 }))).toEqual([50, 20, 30]);
  });

  it('are those of the data where these name them, and are completed from the training samples', async () => {
    const all = sourceOf((place) => ({ split: place < 60 ? 'training' : place < 90 ? 'validation' : 'test' }));
    expect(counts(await load(all))).toEqual([60, 30, 10]);
    const some = sourceOf((place) => ({ split: place < 80 ? 'training' : 'test' }));
    expect(counts(await load(some))).toEqual([68, 12, 20]);
    expect(counts(await load(some, { split: 'shares' }))).toEqual([70, 15, 15]);
    const strict = await refusal(load(some, { split: 'data' }));
    expect(strict.message).toContain('There are no validation samples in 100 images made for a test');
    expect(strict.hint).toContain('data_loader.split: auto');
    expect((await refusal(load(sourceOf(), { split: 'data' }))).message).toBe(
      'The data says of no sample which part it is for: 100 images made for a test.',
    );
  });

  it('keep groups together', async () => {
    const grouped = sourceOf((place) => ({ group: `patient ${place % 20}` }));
    const dataset = await load(grouped);
    const groups = splitNames.map((name) => new Set(dataset.splits[name].ids.map((id) => Number(id.slice(6)) % 20)));
    expect(groups.reduce((sum, set) => sum + set.size, 0)).toBe(20);
    expect((await refusal(load(sourceOf(), { split: 'group' }))).message).toContain('has no groups to keep together');
  });

  it('hold no more than is asked for, with the classes in proportion', async () => {
    const dataset = await load(sourceOf(), { training_samples: 20, validation_samples: 5, test_samples: 10 });
    expect(counts(dataset)).toEqual([20, 5, 10]);
    expect(splitNames.map((name) => fewIn(dataset, name))).toEqual([4, 1, 2]);
  });

  it('leave something to train on', async () => {
    const message = (await refusal(load(sourceOf(), { validation_share: 0.5, test_share: 0.5 }))).message;
    expect(message).toContain('leave nothing to train on: they are 0.5 and 0.5.');
  });
});

describe('the images of a source', () => {
  it('are brought to one size, or refused where that is not wanted', async () => {
    const odd = sourceOf(undefined, (place) => grey(place, place === 7 ? 6 : 4));
    expect((await load(odd)).imageShape).toEqual([4, 4, 1]);
    expect((await refusal(load(odd, { resize: false }))).message).toBe(
      'Image 7 of the test has 6x6 pixels, but 4x4 are expected and data_loader.resize is false.',
    );
  });

  it('stay grey where all are, are all in colour where one is, or as it is asked for', async () => {
    expect((await load(sourceOf())).imageShape[2]).toBe(1);
    const mixed = sourceOf(undefined, (place) => (place % 2 === 0 ? red() : grey(place)));
    expect((await load(mixed)).imageShape[2]).toBe(3);
    expect((await load(sourceOf(), { color: 'rgb' })).imageShape[2]).toBe(3);
    const [first] = await allSamples(
      samplesOf(
        await load(
          sourceOf(undefined, () => red()),
          { color: 'grey' },
        ),
        'test',
      ),
    );
    // Luma of (200, 0, 0).
    expect(first?.pixels).toEqual(new Uint8Array(16).fill(60));
  });

  it('are read once where there is room to keep them, and again in each pass where there is none', async () => {
    const kept = sourceOf();
    const dataset = await load(kept, { color: 'grey' });
    await allSamples(samplesOf(dataset, 'training', 2));
    expect(kept.reads).toHaveLength(100);
    const unkept = sourceOf();
    const again = await load(unkept, { color: 'grey', cache_mib: 0 });
    await allSamples(samplesOf(again, 'training', 2));
    expect(unkept.reads).toHaveLength(170);
  });

  it('of floats are brought to the size and colour of all, unrounded', async () => {
    const floats = sourceOf(undefined, (place) => ({
      pixels: Float32Array.from({ length: 12 }, (_, at) => (at % 3 === 0 ? 0.5 : place % 2)),
      height: 2,
      width: 2,
      channels: 3,
    }));
    const dataset = await load(floats, { color: 'grey' });
    expect(dataset).toMatchObject({ imageShape: [4, 4, 1], dtype: 'float32' });
    const values = new Set((await allSamples(samplesOf(dataset, 'test'))).flatMap(({ pixels }) => [...pixels]));
    expect([...values].sort()).toEqual([0.1495, 0.8505].map(Math.fround));
    expect((await refusal(load(floats, { resize: false }))).message).toContain('has 2x2 pixels, but 4x4 are expected');
  });

  it('that are numbers are left as they are', async () => {
    const numbers = (place: number): Image => ({
      pixels: Float32Array.from([place, -1.5, 3]),
      height: 1,
      width: 3,
      channels: 1,
    });
    const dataset = await load(sourceOf(undefined, numbers));
    expect(dataset).toMatchObject({ imageShape: [1, 3, 1], dtype: 'float32' });
  });
});

describe('a loader of a source', () => {
  it('shuffles the training samples alone, by seed and epoch', async () => {
    const dataset = await load(sourceOf());
    const ids = async (name: SplitName, epoch?: number) =>
      (await allSamples(samplesOf(dataset, name, epoch))).map(({ id }) => id);
    expect(await ids('training', 1)).toEqual(dataset.splits.training.ids);
    expect(await ids('training', 2)).not.toEqual(await ids('training', 1));
    expect((await ids('training', 2)).sort()).toEqual((await ids('training', 1)).sort());
    expect(await ids('validation', 2)).toEqual(await ids('validation', 1));
    expect(dataset.loader.getValidationIndex()).toEqual(dataset.splits.validation.ids);
  });

  it('says where the data come from, closes them, and cannot be used before it is opened', async () => {
    const source = sourceOf();
    const dataset = await load(source, { location: '/data/x' });
    expect(dataset.origin).toMatchObject({ name: 'made-data', isSynthetic: false, source: '{"uri":"/data/x"}' });
    await dataset.loader.close();
    expect(source.closedTimes()).toBe(1);
    expect(() => dataset.loader.createTestGenerator()).toThrow('is used before it was opened');
  });

  it('closes the data where their parts cannot be made', async () => {
    const source = sourceOf();
    await refusal(load(source, { split: 'group' }));
    expect(source.closedTimes()).toBe(1);
  });
});

describe('a data set', () => {
  it('is refused with a class that is to be found and was never shown, and with a part without samples', async () => {
    const unseen = sourceOf((place) => ({
      label: place >= 90 ? 1 : 0,
      split: place < 60 ? 'training' : place < 90 ? 'validation' : 'test',
    }));
    expect((await refusal(load(unseen))).message).toBe(
      'Image 90 of the test is a test sample of the class few, of which there is no training sample.',
    );
    expect((await refusal(load(sourceOf(), { test_share: 0 }))).message).toContain('There are no test samples in');
  });

  it('is refused where there is but one class', async () => {
    expect((await refusal(load(sourceOf(() => ({ label: 1 }))))).message).toBe(
      'All samples in 100 images made for a test are of the class few: there is nothing to tell apart.',
    );
  });

  it('is refused where a weight is none, and where there is no other than 0', async () => {
    expect((await refusal(load(sourceOf((place) => ({ weight: place === 7 ? Number.NaN : 1 }))))).message).toBe(
      'Image 7 of the test has the weight NaN; expected 0 or more.',
    );
    expect((await refusal(load(sourceOf(() => ({ weight: 0 }))))).message).toBe(
      'All training samples in 100 images made for a test have the weight 0: there is nothing to learn.',
    );
  });

  it('is refused where images are of 8 and of 16 bits, which no scaling brings together', async () => {
    const mixed = sourceOf(undefined, (place) =>
      place === 7 ? { ...grey(0), pixels: new Uint16Array(16).fill(257) } : grey(place),
    );
    const { message } = await refusal(load(mixed));
    expect(message).toMatch(
      /^Image \d+ of the test has 4x4 pixels, 1 channel, (8|16) bits, but image \d+ of the test has/,
    );
    expect(message).toMatch(/mage 7 of the test has 4x4 pixels, 1 channel, 16 bits/);
  });
});
