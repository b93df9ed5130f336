import { createHash } from 'node:crypto';
import type { Sample } from './sample.ts';

export const splitNames = ['training', 'validation', 'test'] as const;
export type SplitName = (typeof splitNames)[number];

/** One part of a data set. */
export interface Split {
  readonly samples: readonly Sample[];
  /** 32 hexadecimal digits that identify exactly these samples. */
  readonly digest: string;
}

/** Samples in three parts, ready for training. */
export interface Dataset {
  /** Begins with `synthetic` where the data is not real. */
  readonly name: string;
  readonly synthetic: boolean;
  /** One sentence for people. */
  readonly description: string;
  /** By label; the second is the positive class. */
  readonly classNames: readonly [string, string];
  readonly imageShape: readonly [height: number, width: number, channels: number];
  /** MLflow's kind of source and its JSON. */
  readonly sourceType: 'local' | 'code';
  readonly source: string;
  readonly splits: Readonly<Record<SplitName, Split>>;
}

/** How far loading is; `total` 0 means not known yet. */
export type ProgressSink = (stage: string, done: number, total: number, unit: string) => void;

/** The digest of a set of samples: 32 hexadecimal digits, whatever their order; `fingerprint` is a checksum of the content. */
export function datasetDigest(entries: readonly { readonly id: string; readonly fingerprint: number }[]): string {
  const lines = entries.map(({ id, fingerprint }) => `${id} ${(fingerprint >>> 0).toString(16)}\n`).sort();
  return createHash('sha256').update(lines.join('')).digest('hex').slice(0, 32);
}

/** How many samples there are of each class. */
export function countClasses(samples: readonly Sample[], classNames: readonly string[]): Record<string, number> {
  const counts = classNames.map((name, label) => [name, samples.filter((sample) => sample.label === label).length]);
  return Object.fromEntries(counts);
}
