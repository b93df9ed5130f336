import { z } from 'zod';
import { UsageError } from '../../../src/errors.ts';
import type { DataOrigin } from '../../components/data-loader.ts';
import type { Image } from '../../components/sample.ts';
import { checkImage } from '../check-sample.ts';
import { checksum } from '../checksum.ts';
import { type SplitName, splitNames } from '../dataset.ts';
import type { DataSource, SourceDefinition, SourceEntry } from '../sources/source.ts';
import { commonParameters, SourceLoader } from './source-loader.ts';

/** A sample before it is read. */
export interface ListedSample {
  /** Tells it apart from all others, and stays the same: by it the split is drawn and a prediction is found again. */
  readonly id: string;
  /** Index into the class names. */
  readonly label: number;
  /** The part it is for, where the data says so of each; left out, parts are drawn by class and seed. */
  readonly split?: SplitName;
  /** Whom it belongs to (a patient): a group is never parted. */
  readonly group?: string;
  /** What it counts in the loss; 1 where it is left out. */
  readonly weight?: number;
}

/** All samples, before any is read. */
export interface SampleList<Listed extends ListedSample = ListedSample> {
  /** Names by label; of two classes the second is the positive one. */
  readonly classNames: readonly string[];
  readonly samples: readonly Listed[];
  /** For people, without a full stop: `2000 cells of 12 patients`. */
  readonly description?: string;
}

/** What each `ListLoader` takes: shares of the parts, bounds, size and colour. One's own are added by `.extend({…})`. */
export const listParameters = z.strictObject(commonParameters);

/**
 * A loader that says which samples there are, and how one of them is read. Parts, order, size, colour, the memory for
 * images and the digest of the data are taken care of.
 */
export abstract class ListLoader<
  Parameters extends object = object,
  Listed extends ListedSample = ListedSample,
> extends SourceLoader<Parameters> {
  static override readonly parameters: z.ZodObject = listParameters;

  #description: string | null = null;

  /** All samples; asked once. Throws UsageError for data that cannot be used. */
  protected abstract listSamples(): SampleList<Listed> | Promise<SampleList<Listed>>;

  /**
   * One sample, whenever it is needed: bytes of any size, which are brought to that of the network, or a Float32Array,
   * which is taken as it is.
   */
  protected abstract readSample(sample: Listed): Image | Promise<Image>;

  protected override get definition(): SourceDefinition {
    return { name: this.constructor.name, parameters: z.looseObject({}), open: () => this.#open() };
  }

  override get origin(): DataOrigin {
    const { name } = this.constructor;
    const source = JSON.stringify({ tags: { 'mlflow.source.name': name } });
    const description = this.#description ?? `data of ${name}`;
    return { name, isSynthetic: false, description, sourceType: 'code', source };
  }

  async #open(): Promise<DataSource> {
    const { name } = this.constructor;
    const { classNames, samples, description } = checkList(await this.listSamples(), name);
    this.#description = description ?? `${samples.length} samples of ${classNames.length} classes from ${name}`;
    const nameOf = (place: number): string => `The sample ${samples[place]?.id} of ${name}`;
    const checksums = new Map<number, number>();
    const read = async (place: number): Promise<Image> => {
      const sample = samples[place] as Listed;
      const image = await this.readSample(sample);
      checkImage(image, () => nameOf(place));
      checksums.set(place, checksum(image));
      return image;
    };
    return {
      name,
      description: this.#description,
      classNames,
      entries: samples.map(entryOf),
      nameOf,
      read,
      fingerprint: async (place) => {
        if (!checksums.has(place)) await read(place);
        return checksums.get(place) as number;
      },
      close: async () => {},
    };
  }
}

function entryOf({ id, label, split, group, weight }: ListedSample): SourceEntry {
  return { id, label, split: split ?? null, group: group ?? null, weight: weight ?? 1, columns: {} };
}

/** Throws UsageError for an id that is no text or is there twice, a label that is no class's, and a part that is none. */
function checkList<Listed extends ListedSample>(list: SampleList<Listed>, name: string): SampleList<Listed> {
  const { classNames, samples } = list ?? {};
  if (!Array.isArray(classNames) || !Array.isArray(samples)) {
    throw new UsageError(`${name}.listSamples must return {classNames, samples}, both of them lists.`);
  }
  const known = new Set<string>();
  for (const { id, label, split } of list.samples) {
    if (typeof id !== 'string' || id === '' || known.has(id)) {
      const why = known.has(id) ? 'is there twice' : 'is no text';
      throw new UsageError(`The id ${JSON.stringify(id)} of ${name}.listSamples ${why}: each sample needs its own.`);
    }
    known.add(id);
    if (classNames.length > 0 && (!Number.isInteger(label) || label < 0 || label >= classNames.length)) {
      throw new UsageError(
        `The sample ${id} of ${name} has the label ${label}, but there are ${classNames.length} classes, from 0.`,
      );
    }
    if (split != null && !splitNames.includes(split)) {
      throw new UsageError(
        `The sample ${id} of ${name} has the split ${JSON.stringify(split)}: expected one of ${splitNames.join(', ')}.`,
      );
    }
  }
  return list;
}
