import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Readable, Transform } from 'node:stream';
import { UsageError } from '../errors.ts';
import type { HttpBody } from '../http/index.ts';
import type { LocalFile, PutOptions } from './backend.ts';

/** Large chunks cost the processor half as much as the usual 64 KiB. */
const chunkBytes = 1024 * 1024;

/** Looks at a file to be uploaded. */
export async function localFile(path: string): Promise<LocalFile> {
  const stats = await stat(path);
  if (!stats.isFile()) throw new UsageError(`${path} is not a file, so it cannot be uploaded as one.`);
  return { path, byteLength: stats.size };
}

/** The bytes `[start, end)` of a file as a body that is read anew for each attempt. */
export function fileBody(
  file: LocalFile,
  options: PutOptions,
  { start = 0, end = file.byteLength }: { readonly start?: number; readonly end?: number } = {},
): HttpBody {
  return {
    byteLength: end - start,
    contentType: 'application/octet-stream',
    open: () => {
      const stream = createReadStream(file.path, { start, end: end - 1, highWaterMark: chunkBytes });
      return options.onProgress === undefined ? stream : counted(stream, file, start, options);
    },
  };
}

function counted(stream: Readable, file: LocalFile, start: number, options: PutOptions): Readable {
  let transferredBytes = start;
  const counter = new Transform({
    highWaterMark: chunkBytes,
    transform(chunk: Buffer, _encoding, done) {
      transferredBytes += chunk.length;
      options.onProgress?.({ transferredBytes, totalBytes: file.byteLength });
      done(null, chunk);
    },
  });
  // `pipeline` would report what the reader of the body is told anyway.
  stream.once('error', (error) => counter.destroy(error));
  counter.once('close', () => stream.destroy());
  return stream.pipe(counter);
}
