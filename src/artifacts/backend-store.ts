import { join } from 'node:path';
import type { FileInfo } from '../mlflow/index.ts';
import { forEachLimit } from '../util/for-each-limit.ts';
import { artifactSegments, fileSegments } from './artifact-path.ts';
import type { ArtifactBackend } from './backend.ts';
import { downloadFile } from './download.ts';
import { localFile } from './file-body.ts';
import type { ArtifactStore, DirectoryOptions, TransferOptions } from './types.ts';
import { walkFiles } from './walk-files.ts';

/** One worker of a server is the limit; more connections bring nothing. */
const defaultConcurrency = 4;

type Signalled = { readonly signal?: AbortSignal };

/** An artifact store upon any backend: paths are checked here, folders and parallel work are built here. */
export class BackendArtifactStore implements ArtifactStore {
  readonly uri: string;
  readonly #backend: ArtifactBackend;

  constructor(uri: string, backend: ArtifactBackend) {
    this.uri = uri;
    this.#backend = backend;
  }

  async ensureWritable(options: Signalled = {}): Promise<void> {
    await this.#backend.ensureWritable(options);
  }

  async upload(path: string, artifactPath: string, options: TransferOptions = {}): Promise<void> {
    const segments = fileSegments(artifactPath);
    options.signal?.throwIfAborted();
    await this.#backend.put(segments, await localFile(path), options);
  }

  async uploadDirectory(directory: string, artifactPath: string, options: DirectoryOptions = {}): Promise<string[]> {
    const files = await walkFiles(directory);
    const prefix = artifactSegments(artifactPath);
    const targets = files.map((file) => [...prefix, ...file.split('/')].join('/'));
    // All names are checked before the first file is sent.
    for (const target of targets) fileSegments(target);
    await this.#each(targets, options, async (target, index, signal) => {
      await this.upload(join(directory, files[index]!), target, { signal });
    });
    return targets;
  }

  async list(artifactPath = '', options: Signalled = {}): Promise<FileInfo[]> {
    return this.#backend.list(artifactSegments(artifactPath), options);
  }

  async listRecursive(artifactPath = '', options: Signalled = {}): Promise<FileInfo[]> {
    const files: FileInfo[] = [];
    let folders = [artifactSegments(artifactPath)];
    while (folders.length > 0) {
      const deeper: string[][] = [];
      await forEachLimit(
        folders,
        defaultConcurrency,
        async (folder, _index, signal) => {
          for (const entry of await this.#backend.list(folder, { signal })) {
            if (entry.isDirectory) deeper.push(entry.path.split('/'));
            else files.push(entry);
          }
        },
        options.signal,
      );
      folders = deeper;
    }
    return files.sort((left, right) => (left.path < right.path ? -1 : 1));
  }

  async download(artifactPath: string, localPath: string, options: TransferOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    await downloadFile(this.#backend, fileSegments(artifactPath), localPath, options);
  }

  async downloadDirectory(artifactPath: string, directory: string, options: DirectoryOptions = {}): Promise<string[]> {
    const files = await this.listRecursive(artifactPath, options);
    const skipped = artifactSegments(artifactPath).length;
    const targets = files.map(({ path }) => join(directory, ...fileSegments(path).slice(skipped)));
    const paths = files.map(({ path }) => path);
    await this.#each(paths, options, async (path, index, signal) => {
      await this.download(path, targets[index]!, { signal });
    });
    return targets;
  }

  async #each(
    paths: readonly string[],
    options: DirectoryOptions,
    work: (path: string, index: number, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    await forEachLimit(
      paths,
      options.concurrency ?? defaultConcurrency,
      async (path, index, signal) => {
        await work(path, index, signal);
        options.onFile?.(path);
      },
      options.signal,
    );
  }
}
