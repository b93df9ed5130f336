import { accessSync, constants, createReadStream, existsSync } from 'node:fs';
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCode } from '../errors.ts';
import type { FileInfo } from '../mlflow/index.ts';
import type { ArtifactBackend, LocalFile, OpenedArtifact, OpenOptions, PutOptions } from './backend.ts';
import type { ServerRoutesBackend } from './server-routes-backend.ts';

/**
 * A root on the disk of a server that runs on this machine. "This machine" can be wrong (a container with a forwarded
 * port, a tunnel), so the first file is looked for through the server; where the server does not see it, everything
 * goes through the server's own routes.
 */
export class DiskBackend implements ArtifactBackend {
  readonly #root: string;
  readonly #routes: ServerRoutesBackend;
  #isShared: Promise<boolean> | undefined;

  constructor(artifactUri: string, routes: ServerRoutesBackend) {
    this.#root = localPath(artifactUri);
    this.#routes = routes;
  }

  /** True where the root is an absolute path, the server's address is this machine's, and the path is writable here. */
  static isPossible(artifactUri: string, trackingUri: string): boolean {
    const path = localPath(artifactUri);
    return isAbsolute(path) && isThisMachine(new URL(trackingUri).hostname) && isWritable(path);
  }

  async ensureWritable(options: { readonly signal?: AbortSignal }): Promise<void> {
    if (!(await this.#shared(options.signal))) await this.#routes.ensureWritable(options);
  }

  async put(segments: readonly string[], file: LocalFile, options: PutOptions): Promise<void> {
    if (!(await this.#shared(options.signal))) return this.#routes.put(segments, file, options);
    const target = join(this.#root, ...segments);
    const temporary = join(
      dirname(target),
      `.${process.pid}-${Date.now()}-${Math.random().toString(36).slice(2)}.partial`,
    );
    await mkdir(dirname(target), { recursive: true });
    try {
      await copyFile(file.path, temporary);
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    options.onProgress?.({ transferredBytes: file.byteLength, totalBytes: file.byteLength });
  }

  list(segments: readonly string[], options: { readonly signal?: AbortSignal }): Promise<FileInfo[]> {
    return this.#routes.list(segments, options);
  }

  async open(segments: readonly string[], options: OpenOptions): Promise<OpenedArtifact> {
    if (!(await this.#shared(options.signal))) return this.#routes.open(segments, options);
    const path = join(this.#root, ...segments);
    const { size, mtimeMs } = await stat(path);
    const etag = `"${size}-${mtimeMs}"`;
    const offset = options.etag === etag ? (options.offset ?? 0) : 0;
    return { stream: createReadStream(path, { start: offset }), offset, totalBytes: size, etag };
  }

  repeat<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#routes.repeat(work, signal);
  }

  streamError(_segments: readonly string[], error: unknown): unknown {
    return error;
  }

  #shared(signal: AbortSignal | undefined): Promise<boolean> {
    this.#isShared ??= this.#probe(signal).catch((error: unknown) => {
      this.#isShared = undefined;
      throw error;
    });
    return this.#isShared;
  }

  /** Makes a folder of a name nobody has and asks the server whether it sees it. */
  async #probe(signal: AbortSignal | undefined): Promise<boolean> {
    const name = `.slipway-${process.pid}-${Math.random().toString(36).slice(2)}`;
    const firstMissing = await mkdir(join(this.#root, name), { recursive: true });
    let isSeen = false;
    try {
      const files = await this.#routes.list([], signal === undefined ? {} : { signal });
      isSeen = files.some((file) => file.path === name);
      return isSeen;
    } finally {
      // Folders made only to ask are taken away where they turn out to be of no use.
      const made = isSeen || firstMissing === undefined ? join(this.#root, name) : firstMissing;
      await rm(made, { recursive: true, force: true });
    }
  }
}

function localPath(artifactUri: string): string {
  if (!/^file:/i.test(artifactUri)) return artifactUri;
  const url = new URL(artifactUri);
  return url.host === '' ? fileURLToPath(url) : url.pathname;
}

function isThisMachine(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (host === 'localhost' || host === '::1' || /^127\./.test(host)) return true;
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === host));
}

/** Whether a folder can be written, or made where it is missing. */
function isWritable(path: string): boolean {
  let nearest = resolve(path);
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK);
    return true;
  } catch (error) {
    if (['EACCES', 'EROFS', 'EPERM'].includes(errorCode(error) ?? '')) return false;
    throw error;
  }
}
