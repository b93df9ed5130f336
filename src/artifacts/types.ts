import type { FileInfo } from '../mlflow/index.ts';

/** How far one file is. */
export interface TransferProgress {
  /** Bytes that have been sent or received. */
  readonly transferredBytes: number;
  /** Null where the size is not known yet. */
  readonly totalBytes: number | null;
}

/** How one file is transferred. */
export interface TransferOptions {
  /** Ends the transfer with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called as the bytes go. */
  readonly onProgress?: (progress: TransferProgress) => void;
}

/** How a folder is transferred. */
export interface DirectoryOptions {
  /** Ends the transfer with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Files under way at the same time; defaults to 4. */
  readonly concurrency?: number;
  /** Called after each file with its artifact path. */
  readonly onFile?: (artifactPath: string) => void;
}

/** The artifacts below one root: of a run, or of a logged model. Artifact paths are relative to it, with `/`. */
export interface ArtifactStore {
  /** The root. */
  readonly uri: string;
  /** Throws a UsageError where nothing can be written there; sends nothing that stays. */
  ensureWritable(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Uploads one file; `artifactPath` is the file's own path below the root. An existing one is replaced. */
  upload(localFile: string, artifactPath: string, options?: TransferOptions): Promise<void>;
  /** Uploads all files of a folder to below `artifactPath` (empty: the root) and answers their artifact paths. */
  uploadDirectory(localDirectory: string, artifactPath: string, options?: DirectoryOptions): Promise<string[]>;
  /** The files and folders of one folder; none where it does not exist. */
  list(artifactPath?: string, options?: { readonly signal?: AbortSignal }): Promise<FileInfo[]>;
  /** All files below a folder, in the order of their paths. */
  listRecursive(artifactPath?: string, options?: { readonly signal?: AbortSignal }): Promise<FileInfo[]>;
  /** Downloads one file; it appears under its name when it is complete. An interrupted download is taken up again. */
  download(artifactPath: string, localFile: string, options?: TransferOptions): Promise<void>;
  /** Downloads all files below a folder and answers the local paths. */
  downloadDirectory(artifactPath: string, localDirectory: string, options?: DirectoryOptions): Promise<string[]>;
}
