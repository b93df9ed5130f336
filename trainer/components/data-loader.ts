import { Component } from './component.ts';
import type { IndexedSample, SampleGenerator } from './sample.ts';

/** What the run log and the report say of where data come from. */
export interface DataOrigin {
  /** A short name, as `fashion-mnist`; it begins with `synthetic` where the data are not real. */
  readonly name: string;
  readonly isSynthetic: boolean;
  /** One sentence for people, without a full stop. */
  readonly description: string;
  /** MLflow's kind of source and its JSON. */
  readonly sourceType: 'local' | 'code';
  readonly source: string;
}

/**
 * Where samples come from. Only the training generator shuffles: it gives every sample of the epoch once, in an order that
 * depends on seed and epoch alone. The others give theirs in one order, always the same.
 */
export abstract class DataLoader<
  Parameters extends object = Readonly<Record<string, never>>,
> extends Component<Parameters> {
  /** Names by label; empty where labels are no classes. */
  abstract readonly classNames: readonly string[];

  /** The training samples of an epoch, from 1. */
  abstract createTrainingGenerator(epoch?: number): SampleGenerator;

  abstract createValidationGenerator(): SampleGenerator;

  abstract createTestGenerator(): SampleGenerator;

  /** The ids of the validation samples, in the order of their generator. */
  abstract getValidationIndex(): readonly string[];

  /**
   * What the generator of a part gives, in its order, without the images; null where that is not known without reading
   * them. `epoch` counts for the training part alone, from 1.
   */
  listPart(_part: 'training' | 'validation' | 'test', _epoch = 1): readonly IndexedSample[] | null {
    return null;
  }

  /** Opens what is to be read; called once, before everything else. Throws UsageError for data that cannot be used. */
  async open(): Promise<void> {}

  async close(): Promise<void> {}

  /** Where the data come from; a loader that does not say is known by the name of its class. */
  get origin(): DataOrigin {
    const { name } = this.constructor;
    const source = JSON.stringify({ tags: { 'mlflow.source.name': name } });
    return { name, isSynthetic: false, description: `data of ${name}`, sourceType: 'code', source };
  }

  /** What a sample is called at the beginning of a sentence, as `The image a.png in cells.zip`; by default by its id. */
  nameOf(id: string): string {
    return `The sample ${id} of ${this.constructor.name}`;
  }

  /** CRC-32 of what samples are made of, by id, where the loader knows it; else it is taken of their pixels. */
  fingerprintOf(_id: string): number | null {
    return null;
  }
}
