import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { type GivenParameters, type Image, plainSetup } from '../../../../../trainer/components/index.ts';
import { readDataset, splitNames } from '../../../../../trainer/data/dataset.ts';
import {
  type ListedSample,
  ListLoader,
  listParameters,
  type SampleList,
} from '../../../../../trainer/data/loaders/list-loader.ts';

const samples: ListedSample[] = Array.from({ length: 40 }, (_, place) => ({ id: `s${place}`, label: place % 2 }));

class Mine extends ListLoader<z.output<typeof listParameters>> {
  static override readonly parameters = listParameters;
  readonly reads: string[] = [];
  list: unknown = { classNames: ['no', 'yes'], samples };

  constructor(parameters: GivenParameters = {}) {
    super(parameters, { ...plainSetup, inputHeight: 4, inputWidth: 4 });
  }

  protected override listSamples(): SampleList {
    return this.list as SampleList;
  }

  protected override readSample({ id, label }: ListedSample): Image {
    this.reads.push(id);
    return { pixels: new Uint8Array(64).fill(label * 100 + Number(id.slice(1))), height: 8, width: 8, channels: 1 };
  }
}

async function refusalOf(list: unknown): Promise<string> {
  const loader = new Mine();
  loader.list = list;
  return loader.open().then(
    () => 'taken',
    (error: Error) => error.message,
  );
}

describe('a loader of a list', () => {
  it('deals samples out by class, brings them to size, and reads each once while there is room', async () => {
    const loader = new Mine({ validation_share: 0.2, test_share: 0.2 });
    await loader.open();
    const first = await readDataset(loader);
    expect(splitNames.map((part) => first.splits[part].ids.length)).toEqual([24, 8, 8]);
    expect(first.splits.test.labels.filter((label) => label === 1)).toHaveLength(4);
    expect(first.imageShape).toEqual([4, 4, 1]);
    const { length } = loader.reads;
    expect((await readDataset(loader)).splits).toEqual(first.splits);
    expect(loader.reads).toHaveLength(length);
    expect(first.origin).toEqual({
      name: 'Mine',
      isSynthetic: false,
      description: '40 samples of 2 classes from Mine',
      sourceType: 'code',
      source: '{"tags":{"mlflow.source.name":"Mine"}}',
    });
  });

  it('has another digest where one pixel is another', async () => {
    const digestOf = async (change: number): Promise<string> => {
      const loader = new (class extends Mine {
        protected override readSample(sample: ListedSample): Image {
          const image = super.readSample(sample);
          if (sample.id === 's3') image.pixels[5] = change;
          return image;
        }
      })();
      await loader.open();
      const { splits } = await readDataset(loader);
      return splitNames.map((part) => splits[part].digest).join();
    };
    expect(await digestOf(1)).toBe(await digestOf(1));
    expect(await digestOf(1)).not.toBe(await digestOf(2));
  });

  it('follows the parts and the groups that the list names', async () => {
    const loader = new Mine();
    const parts = ['training', 'validation', 'test'] as const;
    loader.list = {
      classNames: ['no', 'yes'],
      samples: samples.map((sample, place) => ({ ...sample, split: parts[Math.floor(place / 2) % 3], weight: 2 })),
      description: 'forty squares',
    };
    await loader.open();
    const { splits, origin } = await readDataset(loader);
    expect(splits.test.ids).toEqual(samples.filter((_, place) => Math.floor(place / 2) % 3 === 2).map(({ id }) => id));
    expect(origin.description).toBe('forty squares');
    const grouped = new Mine();
    grouped.list = {
      classNames: ['no', 'yes'],
      samples: samples.map((sample, place) => ({ ...sample, group: `g${Math.floor(place / 4)}` })),
    };
    await grouped.open();
    const dealt = (await readDataset(grouped)).splits;
    const groups = splitNames.flatMap((part) => [
      ...new Set(dealt[part].ids.map((id) => Math.floor(+id.slice(1) / 4))),
    ]);
    expect(groups).toHaveLength(10);
  });

  it.each<[string, unknown, string]>([
    ['no list', [], 'Mine.listSamples must return {classNames, samples}, both of them lists.'],
    ['nothing', undefined, 'Mine.listSamples must return {classNames, samples}, both of them lists.'],
    [
      'an id twice',
      { classNames: ['a', 'b'], samples: [samples[0], samples[0]] },
      'The id "s0" of Mine.listSamples is there twice: each sample needs its own.',
    ],
    ['no id', { classNames: ['a', 'b'], samples: [{ label: 0 }] }, 'The id undefined of Mine.listSamples is no text'],
    [
      'a label',
      { classNames: ['a', 'b'], samples: [{ id: 'x', label: 2 }] },
      'The sample x of Mine has the label 2, but there are 2 classes, from 0.',
    ],
    [
      'a part',
      { classNames: ['no', 'yes'], samples: [...samples, { id: 'x', label: 0, split: 'train' }] },
      'The sample x of Mine has the split "train": expected one of training, validation, test.',
    ],
  ])('refuses a list with %s', async (_what, list, message) => {
    expect(await refusalOf(list)).toContain(message);
  });

  it('refuses an image that is none', async () => {
    const loader = new (class Broken extends Mine {
      protected override readSample(): Image {
        return { pixels: new Uint8Array(3), height: 2, width: 2, channels: 1 };
      }
    })();
    await expect(loader.open()).rejects.toThrow(
      /^The sample s\d+ of Broken has 3 pixel values, but 2x2 pixels with 1 channels are 4\.$/,
    );
  });
});
