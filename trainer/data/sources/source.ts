import type { z } from 'zod';
import type { Image } from '../../components/sample.ts';
import type { ProgressSink } from '../../components/setup.ts';
import type { SplitName } from '../dataset.ts';

/** One data point before its pixels are read. */
export interface SourceEntry {
  /** Unique in the source, equal wherever the data lies. */
  readonly id: string;
  /** Index into the class names. */
  readonly label: number;
  /** Where the data itself says so, the part it is for; else null. */
  readonly split: SplitName | null;
  /** Whom it belongs to (a patient): entries of one group are never parted; null without groups. */
  readonly group: string | null;
  /** 1 where the data does not say. */
  readonly weight: number;
  /** Other columns of the data, kept for reports. */
  readonly columns: Readonly<Record<string, string>>;
}

/** Data where it lies. Memory holds the index alone, never the pixels of more than one read. */
export interface DataSource {
  /** A short name, as `fashion-mnist`. */
  readonly name?: string;
  /** For people, without a full stop: `10000 images of 10 classes from …`. */
  readonly description: string;
  readonly classNames: readonly string[];
  readonly entries: readonly SourceEntry[];
  /** What an entry is called at the beginning of a sentence, with file and row: `The image a.png in cells.zip`. */
  nameOf(place: number): string;
  /** Throws UsageError naming file and row or id. */
  read(place: number): Promise<Image>;
  /** CRC-32 of the entry's content, equal wherever the data lies: of a file's bytes as stored, of pixels where there are no files. */
  fingerprint(place: number): Promise<number>;
  close(): Promise<void>;
}

/** What a source may need to be opened. */
export interface SourceContext {
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressSink;
  /** For what cannot be read at random where it lies; null where there is no place for it. */
  readonly cacheDirectory: string | null;
  readonly warn: (text: string) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** One kind of data: how it is called, what it takes, and how it is opened. */
export interface SourceDefinition<Schema extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly parameters: Schema;
  /** Throws UsageError for data that cannot be used. */
  open(parameters: z.output<Schema>, context: SourceContext): Promise<DataSource>;
}
