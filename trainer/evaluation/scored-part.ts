import type { Preprocessor } from '../components/preprocessor.ts';
import type { Sample, SampleGenerator } from '../components/sample.ts';
import type { ScoreTaker } from './meter.ts';

/** A part of the data and what a network gave for it. */
export interface ScoredPart {
  /** One a sample. */
  readonly ids: readonly string[];
  /** One a sample: an index into `classNames`, where there are such. */
  readonly labels: Int32Array;
  readonly classNames: readonly string[];
  /** What the task's meter kept of each sample, [samples, values]. */
  readonly scores: Float32Array;
}

/** The samples of such a part, which can be read again, and the network that can be asked again. */
export interface PartSamples {
  readonly preprocessor: Preprocessor<object>;
  /** All of them, in the order of the part. */
  readonly all: () => SampleGenerator;
  /** By their places in the part. */
  readonly read: (places: readonly number[]) => Promise<readonly Sample[]>;
  /** Tells what the network gives for samples. */
  readonly score: (samples: SampleGenerator, taker: ScoreTaker) => Promise<void>;
}
