import path from 'node:path';
import { z } from 'zod';
import { UsageError } from '../../../src/errors.ts';
import type { ComponentClass } from '../../components/component.ts';
import type { DataLoader, DataOrigin } from '../../components/data-loader.ts';
import type { Image } from '../../components/sample.ts';
import { randomSource } from '../../random.ts';
import { fromStoragePath } from '../../storage-path.ts';
import { toColor, toGrey } from '../color.ts';
import { type SplitName, splitNames } from '../dataset.ts';
import { limitSamples } from '../limit.ts';
import { resizeImage } from '../resize.ts';
import type { DataSource, SourceDefinition, SourceEntry } from '../sources/source.ts';
import { splitByGroup, splitByShares } from '../splits.ts';
import { IndexedLoader, type SampleIndex } from './indexed-loader.ts';

const limit = (part: SplitName) =>
  z
    .int()
    .min(0)
    .max(10_000_000)
    .default(0)
    .describe(`Samples of ${part} to use, drawn with the classes in proportion; 0 means all.`);

/** What every loader of a source takes besides the source's own parameters. */
export const commonParameters = {
  training_samples: limit('training'),
  validation_samples: limit('validation'),
  test_samples: limit('test'),
  split: z
    .enum(['auto', 'shares', 'group', 'data'])
    .default('auto')
    .describe(
      'How samples are dealt out: by shares of each class, whole groups (patients) at a time, or as the data says, which must then say it of every part; auto takes the last of these that the data allows, and what the data lacks from its training samples.',
    ),
  validation_share: z.number().min(0).max(0.9).default(0.15).describe('Share of the samples that is for validation.'),
  test_share: z.number().min(0).max(0.9).default(0.15).describe('Share of the samples that is for the test.'),
  resize: z
    .boolean()
    .default(true)
    .describe(
      'Whether images are brought to input_height and input_width; if not, all must have that size to the pixel.',
    ),
  color: z
    .enum(['auto', 'grey', 'rgb'])
    .default('auto')
    .describe('Channels that the network gets; auto is grey where the images are.'),
  cache_mib: z.int().min(0).default(1024).describe('Memory for images that are kept between epochs, in MiB.'),
} as const;

/** How many images are looked at to find out whether they are grey. */
const imagesLookedAt = 64;

type Common = z.output<z.ZodObject<typeof commonParameters>>;

interface Entry extends SourceEntry {
  /** Place in the source. */
  readonly place: number;
}

/** The loader of a source, as a component. */
export function loaderOf(definition: SourceDefinition): ComponentClass<DataLoader<object>> {
  return class extends SourceLoader {
    static override readonly parameters = definition.parameters.extend(commonParameters);

    protected override readonly definition = definition;
  };
}

/** Deals the entries of a source out to the parts, and brings its images to one size and colour. */
export abstract class SourceLoader<Parameters extends object = Readonly<Record<string, unknown>>> extends IndexedLoader<
  Common & Parameters,
  Entry
> {
  protected abstract readonly definition: SourceDefinition;

  #source: DataSource | null = null;

  protected override get cacheMiB(): number {
    return this.parameters.cache_mib;
  }

  protected override async openIndex(): Promise<SampleIndex<Entry>> {
    const source = await this.#openSource();
    this.#source = source;
    try {
      const parts = this.#deal(source);
      const isGrey = await this.#isGrey(source, parts);
      return {
        classNames: source.classNames,
        parts,
        read: async (entry) => ({
          image: this.#fit(await source.read(entry.place), () => source.nameOf(entry.place), isGrey),
          fingerprint: await source.fingerprint(entry.place),
        }),
        nameOf: ({ place }) => source.nameOf(place),
        close: () => source.close(),
      };
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  override get origin(): DataOrigin {
    const { location } = this.parameters as Readonly<Record<string, unknown>>;
    const { name } = this.definition;
    const { storageDirectory } = this.setup;
    // On the host where it really lies.
    const uri = typeof location === 'string' ? path.resolve(fromStoragePath(location, storageDirectory)) : name;
    return {
      name: this.#source?.name ?? name,
      isSynthetic: false,
      description: this.#source?.description ?? name,
      sourceType: 'local',
      source: JSON.stringify({ uri }),
    };
  }

  #openSource(): Promise<DataSource> {
    const { storageDirectory, onProgress, signal, warn, environment } = this.setup;
    const own = Object.fromEntries(
      Object.entries(this.parameters)
        .filter(([key]) => !(key in commonParameters))
        .map(([key, value]) => [key, typeof value === 'string' ? fromStoragePath(value, storageDirectory) : value]),
    );
    const cacheDirectory = storageDirectory === null ? null : path.join(storageDirectory, 'cache', 'data');
    return this.definition.open(this.definition.parameters.parse(own), {
      signal,
      onProgress,
      warn,
      environment,
      cacheDirectory,
    });
  }

  #deal(source: DataSource): Record<SplitName, Entry[]> {
    const { seed } = this.setup;
    const entries = source.entries.map((entry, place) => ({ ...entry, place }));
    const names = this.#partsOf(source);
    const chosen = {} as Record<SplitName, Entry[]>;
    for (const part of splitNames) {
      const members = entries.filter((_, place) => names[place] === part);
      const wanted = this.parameters[`${part}_samples`];
      if (members.length === 0) throw this.#emptyPart(part, source);
      chosen[part] = [...limitSamples(members, wanted, randomSource(seed, 'limit', part))];
    }
    return chosen;
  }

  #emptyPart(part: SplitName, { description }: DataSource): UsageError {
    const hint =
      this.parameters.split === 'data'
        ? 'With data_loader.split: auto what the data lacks is taken from its training samples.'
        : 'More samples are needed, or other values of data_loader.validation_share and data_loader.test_share.';
    return new UsageError(`There are no ${part} samples in ${description}: each of the three parts needs some.`, {
      hint,
    });
  }

  /** What the data itself says comes first; a part that it does not have is taken from its training samples. */
  #partsOf({ entries, description }: DataSource): SplitName[] {
    const { seed } = this.setup;
    const { split, validation_share: validation, test_share: test } = this.parameters;
    const given = new Set(entries.map((entry) => entry.split));
    const isSaid = !given.has(null) && given.size > 1;
    if (split === 'data' && !isSaid) {
      throw new UsageError(`The data says of no sample which part it is for: ${description}.`, {
        hint: 'Take split: shares, or split: group where the data has groups.',
      });
    }
    if (isSaid && split === 'data') return entries.map((entry) => entry.split as SplitName);
    if (isSaid && split === 'auto') {
      const missing = { training: 0, validation, test };
      if (given.has('validation')) missing.validation = 0;
      if (given.has('test')) missing.test = 0;
      if (missing.validation + missing.test === 0) return entries.map((entry) => entry.split as SplitName);
      const training = entries.filter((entry) => entry.split === 'training');
      const shares = { ...missing, training: 1 - missing.validation - missing.test };
      const dealt = new Map(splitByShares(training, shares, seed).map((part, index) => [training[index], part]));
      return entries.map((entry) => dealt.get(entry) ?? (entry.split as SplitName));
    }
    const shares = { training: 1 - validation - test, validation, test };
    if (shares.training <= 0) {
      throw new UsageError(
        `Settings data_loader.validation_share and data_loader.test_share leave nothing to train on: they are ${validation} and ${test}.`,
      );
    }
    const grouped = entries.every(({ group }) => group !== null);
    if (split === 'group' && !grouped) {
      throw new UsageError(`The data has no groups to keep together: ${description}.`);
    }
    if (grouped && split !== 'shares') {
      return splitByGroup(entries as readonly (SourceEntry & { readonly group: string })[], shares, seed);
    }
    return splitByShares(entries, shares, seed);
  }

  /** Whether the network gets grey images; `auto` looks at some of them, from one end of the data to the other. */
  async #isGrey(source: DataSource, parts: Readonly<Record<SplitName, readonly Entry[]>>): Promise<boolean> {
    const { color } = this.parameters;
    if (color !== 'auto') return color === 'grey';
    const entries = splitNames.flatMap((part) => parts[part]);
    const stride = Math.max(1, Math.floor(entries.length / imagesLookedAt));
    for (let index = 0; index < entries.length; index += stride) {
      const { channels } = await source.read((entries[index] as Entry).place);
      if (channels === 3) return false;
    }
    return true;
  }

  #fit(image: Image, nameOf: () => string, isGrey: boolean): Image {
    // A row of a table has no size to be brought to.
    if (image.pixels instanceof Float32Array && image.height === 1) return image;
    const { inputHeight, inputWidth } = this.setup;
    if (!this.parameters.resize && (image.height !== inputHeight || image.width !== inputWidth)) {
      throw new UsageError(
        `${nameOf()} has ${image.width}x${image.height} pixels, but ${inputWidth}x${inputHeight} are expected and data_loader.resize is false.`,
        { hint: 'Set input_width and input_height to the size of the images, or leave data_loader.resize out.' },
      );
    }
    const { color } = this.parameters;
    if (isGrey && image.channels === 3 && color === 'auto') {
      throw new UsageError(`${nameOf()} is in colour, but those that were looked at first are grey.`, {
        hint: 'Set data_loader.color to rgb or to grey.',
      });
    }
    const shaped = image.channels === 1 && !isGrey ? toColor(image) : isGrey ? toGrey(image) : image;
    return resizeImage(shaped, inputHeight, inputWidth);
  }
}
