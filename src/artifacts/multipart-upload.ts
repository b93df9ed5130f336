import { z } from 'zod';
import { type HttpClient, HttpError } from '../http/index.ts';
import { isMissingEndpoint } from '../mlflow/index.ts';
import { forEachLimit } from '../util/for-each-limit.ts';
import { encodeSegments } from './artifact-path.ts';
import type { LocalFile, PutOptions } from './backend.ts';
import { fileBody } from './file-body.ts';

export interface MultipartTarget {
  readonly http: HttpClient;
  /** `<server>/api/2.0/mlflow-artifacts`. */
  readonly service: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The file's path within the service. */
  readonly path: readonly string[];
}

/** S3 takes parts of 5 MiB to 5 GiB, and at most 10,000 of them. */
const smallestPartBytes = 16 * 1024 * 1024;
const mostParts = 10_000;
const partsAtOnce = 4;

const createReply = z.object({
  upload_id: z.string().nullish(),
  credentials: z.array(
    z.object({ url: z.string(), part_number: z.number(), headers: z.record(z.string(), z.string()).nullish() }),
  ),
});

type Part = { part_number: number; etag: string; url: string };

/** Uploads a file in parts straight to the server's store. Answers false where the server has no such way. */
export async function multipartUpload(target: MultipartTarget, file: LocalFile, options: PutOptions): Promise<boolean> {
  const partBytes = Math.max(smallestPartBytes, Math.ceil(file.byteLength / mostParts));
  const count = Math.ceil(file.byteLength / partBytes);
  const created = await create(target, count, options.signal);
  if (created === null) return false;
  const uploadId = created.upload_id ?? undefined;
  const parts: Part[] = [];
  let sentBytes = 0;
  try {
    await forEachLimit(
      created.credentials,
      partsAtOnce,
      async (credential, _index, signal) => {
        const start = (credential.part_number - 1) * partBytes;
        const end = Math.min(file.byteLength, start + partBytes);
        const { headers } = await target.http.requestText({
          method: 'PUT',
          url: credential.url,
          headers: credential.headers ?? {},
          body: fileBody(file, {}, { start, end }),
          retry: 'safe',
          isPresigned: true,
          signal,
        });
        parts.push({ part_number: credential.part_number, etag: headers.etag ?? '', url: credential.url });
        sentBytes += end - start;
        options.onProgress?.({ transferredBytes: sentBytes, totalBytes: file.byteLength });
      },
      options.signal,
    );
    parts.sort((left, right) => left.part_number - right.part_number);
    await call(target, 'complete', { upload_id: uploadId, parts }, options.signal);
  } catch (error) {
    // The store keeps, and charges for, the parts of an upload that is not given up.
    await call(target, 'abort', { upload_id: uploadId }).catch((abortError: unknown) => {
      if (!(abortError instanceof HttpError)) throw abortError;
    });
    throw error;
  }
  return true;
}

async function create(
  target: MultipartTarget,
  count: number,
  signal: AbortSignal | undefined,
): Promise<z.infer<typeof createReply> | null> {
  try {
    return createReply.parse(JSON.parse(await call(target, 'create', { num_parts: count }, signal)));
  } catch (error) {
    if (isMissingEndpoint(error)) return null;
    throw error;
  }
}

async function call(target: MultipartTarget, verb: string, body: object, signal?: AbortSignal): Promise<string> {
  const folder = encodeSegments(target.path.slice(0, -1));
  const reply = await target.http.requestText({
    method: 'POST',
    url: `${target.service}/mpu/${verb}/${folder}`,
    headers: target.headers,
    body: { json: { path: target.path.at(-1), ...body } },
    retry: 'safe',
    ...(signal === undefined ? {} : { signal }),
  });
  return reply.body;
}
