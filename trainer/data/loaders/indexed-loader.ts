import { DataLoader } from '../../components/data-loader.ts';
import type { Image, IndexedSample, Sample, SampleGenerator } from '../../components/sample.ts';
import { randomSource, shuffled } from '../../random.ts';
import { checksum } from '../checksum.ts';
import { type SplitName, splitNames } from '../dataset.ts';

/** What is in the parts, and how an image is read; parts hold no pixels. */
export interface SampleIndex<Entry extends IndexedSample = IndexedSample> {
  readonly classNames: readonly string[];
  readonly parts: Readonly<Record<SplitName, readonly Entry[]>>;
  /** Throws UsageError that names what cannot be read. `fingerprint` is a CRC-32; null: that of the pixels. */
  read(entry: Entry): Promise<{ readonly image: Image; readonly fingerprint: number | null }>;
  /** What an entry is called at the beginning of a sentence, where there is more to say than its id. */
  nameOf?(entry: Entry): string;
  close(): Promise<void>;
}

const mebibyte = 1024 * 1024;

/**
 * A loader over an index that is small and images that are read when they are asked for, in any order. Images stay in
 * memory as long as there is room for them: memory does not grow with the number of samples beyond that.
 */
export abstract class IndexedLoader<
  Parameters extends object,
  Entry extends IndexedSample = IndexedSample,
> extends DataLoader<Parameters> {
  readonly #cache = new Map<string, Image>();
  readonly #fingerprints = new Map<string, number>();
  #cachedBytes = 0;
  #index: SampleIndex<Entry> | null = null;

  /** Finds out what there is. Throws UsageError for data that cannot be used. */
  protected abstract openIndex(): Promise<SampleIndex<Entry>>;

  /** Memory for images that are kept, in MiB. */
  protected abstract readonly cacheMiB: number;

  override async open(): Promise<void> {
    this.#index = await this.openIndex();
  }

  override async close(): Promise<void> {
    await this.#index?.close();
    this.#index = null;
    this.#cache.clear();
    this.#cachedBytes = 0;
  }

  get classNames(): readonly string[] {
    return this.#opened().classNames;
  }

  createTrainingGenerator(epoch = 1): SampleGenerator {
    return this.#generator(this.listPart('training', epoch));
  }

  createValidationGenerator(): SampleGenerator {
    return this.#generator(this.listPart('validation'));
  }

  createTestGenerator(): SampleGenerator {
    return this.#generator(this.listPart('test'));
  }

  override listPart(part: SplitName, epoch = 1): readonly Entry[] {
    const entries = this.#opened().parts[part];
    return part === 'training' ? shuffled(entries, randomSource(this.setup.seed, 'order', epoch)) : entries;
  }

  getValidationIndex(): readonly string[] {
    return this.#opened().parts.validation.map(({ id }) => id);
  }

  override nameOf(id: string): string {
    const { nameOf, parts } = this.#opened();
    const entry = splitNames.flatMap((name) => parts[name]).find((candidate) => candidate.id === id);
    return entry === undefined || nameOf === undefined ? super.nameOf(id) : nameOf(entry);
  }

  override fingerprintOf(id: string): number | null {
    return this.#fingerprints.get(id) ?? null;
  }

  /** How many samples there are in all. */
  protected get total(): number {
    const { parts } = this.#opened();
    return splitNames.reduce((sum, name) => sum + parts[name].length, 0);
  }

  #opened(): SampleIndex<Entry> {
    if (this.#index === null) throw new Error(`${this.constructor.name} is used before it was opened.`);
    return this.#index;
  }

  #generator(entries: readonly Entry[]): SampleGenerator {
    const read = (entry: Entry): Promise<Sample> => this.#read(entry);
    return {
      count: entries.length,
      async *[Symbol.asyncIterator]() {
        for (const entry of entries) yield await read(entry);
      },
    };
  }

  async #read(entry: Entry): Promise<Sample> {
    const { id, label, weight } = entry;
    const image = this.#cache.get(id) ?? (await this.#load(entry));
    return { ...image, id, label, weight };
  }

  async #load(entry: Entry): Promise<Image> {
    const { image, fingerprint } = await this.#opened().read(entry);
    this.#fingerprints.set(entry.id, fingerprint ?? checksum(image));
    if (this.#cachedBytes + image.pixels.byteLength <= this.cacheMiB * mebibyte) {
      this.#cache.set(entry.id, image);
      this.#cachedBytes += image.pixels.byteLength;
    }
    return image;
  }
}
