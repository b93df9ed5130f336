import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errorCode } from '../errors.ts';
import { HttpError } from '../http/index.ts';
import type { ArtifactBackend, OpenedArtifact } from './backend.ts';
import type { TransferOptions } from './types.ts';

/**
 * Downloads a file to a temporary name beside its own, checks its size, and renames it. The temporary name holds the
 * version's ETag, so a later call takes up what an interrupted one left, and never mixes two versions.
 */
export async function downloadFile(
  backend: ArtifactBackend,
  segments: readonly string[],
  target: string,
  options: TransferOptions,
): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  let partial: Partial | null = null;
  await backend.repeat(async () => {
    const opened: OpenedArtifact = await openFrom(backend, segments, target, partial, options);
    partial = { path: partialPath(target, opened.etag), etag: opened.etag };
    await receive(backend, segments, opened, partial.path, options);
  }, options.signal);
  await renameComplete(partial!, target);
}

interface Partial {
  readonly path: string;
  readonly etag: string | null;
}

/** Opens the file where what we have of the same version ends. */
async function openFrom(
  backend: ArtifactBackend,
  segments: readonly string[],
  target: string,
  partial: Partial | null,
  options: TransferOptions,
): Promise<OpenedArtifact> {
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  if (partial?.etag) {
    const offset = await sizeOf(partial.path);
    if (offset > 0) return backend.open(segments, { ...signal, offset, etag: partial.etag });
  }
  const opened = await backend.open(segments, signal);
  if (opened.etag === null || partial !== null) return opened;
  const offset = await sizeOf(partialPath(target, opened.etag));
  if (offset === 0 || opened.totalBytes === null || offset > opened.totalBytes) return opened;
  discard(opened);
  if (offset === opened.totalBytes) return { ...opened, stream: Readable.from([]), offset };
  return backend.open(segments, { ...signal, offset, etag: opened.etag });
}

async function receive(
  backend: ArtifactBackend,
  segments: readonly string[],
  opened: OpenedArtifact,
  path: string,
  options: TransferOptions,
): Promise<void> {
  // Opened without truncation: another process may be writing the same bytes of the same version.
  const handle = await open(path, opened.offset > 0 ? 'r+' : 'w');
  const sink = createWriteStream(path, { fd: handle, start: opened.offset });
  let receivedBytes = opened.offset;
  opened.stream.on('data', (chunk: Buffer) => {
    receivedBytes += chunk.length;
    options.onProgress?.({ transferredBytes: receivedBytes, totalBytes: opened.totalBytes });
  });
  try {
    await pipeline(opened.stream, sink, options.signal === undefined ? {} : { signal: options.signal });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (isFileSystemError(error)) throw error;
    throw backend.streamError(segments, error, options.signal);
  }
  const expected = opened.totalBytes ?? (await listedSize(backend, segments, options));
  if (expected === null || expected === receivedBytes) return;
  // Shorter passes when asked again; longer means that the version on disk is spoilt.
  if (receivedBytes > expected) await rm(path, { force: true });
  const name = segments.join('/');
  throw new HttpError(`The artifact ${name} came with ${receivedBytes} bytes, but has ${expected}.`, {
    method: 'GET',
    url: name,
    status: null,
    isRetryable: true,
  });
}

/** Some servers send large files in chunks without their size; the listing knows it. */
async function listedSize(
  backend: ArtifactBackend,
  segments: readonly string[],
  options: TransferOptions,
): Promise<number | null> {
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const files = await backend.list(segments.slice(0, -1), signal);
  return files.find((file) => file.path === segments.join('/'))?.byteLength ?? null;
}

async function renameComplete(partial: Partial, target: string): Promise<void> {
  try {
    await rename(partial.path, target);
  } catch (error) {
    // Another process that downloaded the same version was a moment faster.
    if (errorCode(error) !== 'ENOENT' || partial.etag === null || (await sizeOf(target)) === 0) throw error;
  }
}

function partialPath(target: string, etag: string | null): string {
  const version = etag === null ? `new-${process.pid}` : createHash('sha256').update(etag).digest('hex').slice(0, 12);
  return `${target}.${version}.partial`;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 0;
    throw error;
  }
}

function discard(opened: OpenedArtifact): void {
  // Destroying it makes the stream report that it was cut off, which is what we want.
  opened.stream.on('error', () => undefined);
  opened.stream.destroy();
}

function isFileSystemError(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EFBIG', 'EACCES'].includes(errorCode(error) ?? '');
}
