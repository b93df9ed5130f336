import type { Readable } from 'node:stream';
import type { FileInfo } from '../mlflow/index.ts';
import type { TransferProgress } from './types.ts';

/** A file to be uploaded, with the size it had when it was looked at: what is appended later stays out. */
export interface LocalFile {
  readonly path: string;
  readonly byteLength: number;
}

export interface PutOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TransferProgress) => void;
}

/** A file's bytes from an offset on. */
export interface OpenedArtifact {
  readonly stream: Readable;
  /** Where the stream begins; 0 where the store does not serve ranges. */
  readonly offset: number;
  /** The size of the whole file, or null where the store does not tell. */
  readonly totalBytes: number | null;
  /** Names this version of the file, or null. */
  readonly etag: string | null;
}

export interface OpenOptions {
  readonly signal?: AbortSignal;
  /** Asks for the bytes from here on, if the file is still the version of `etag`. */
  readonly offset?: number;
  readonly etag?: string | null;
}

/** What one kind of store must be able to do; everything else is built upon it. Segments are checked ones. */
export interface ArtifactBackend {
  ensureWritable(options: { readonly signal?: AbortSignal }): Promise<void>;
  put(segments: readonly string[], file: LocalFile, options: PutOptions): Promise<void>;
  list(segments: readonly string[], options: { readonly signal?: AbortSignal }): Promise<FileInfo[]>;
  open(segments: readonly string[], options: OpenOptions): Promise<OpenedArtifact>;
  /** Repeats a piece of work by the retry rules. */
  repeat<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** The error of a stream of `open` that broke off. */
  streamError(segments: readonly string[], error: unknown, signal?: AbortSignal): unknown;
}
