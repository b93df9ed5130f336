import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openArtifactStore } from '../../../src/artifacts/index.ts';
import { multipartUpload } from '../../../src/artifacts/multipart-upload.ts';
import { HttpClient } from '../../../src/http/index.ts';
import { MlflowClient } from '../../../src/mlflow/index.ts';
import { type Handler, startHttpServer } from '../../support/http-server.ts';
import { temporaryDirectory } from '../../support/index.ts';

const runId = 'a'.repeat(32);
const retry = { maximumRetries: 2, baseDelayMs: 1, maximumDelayMs: 2 };

describe('multipartUpload', () => {
  const partBytes = 16 * 1024 * 1024;

  async function upload(handler: Handler) {
    await using directory = await temporaryDirectory();
    const content = Buffer.alloc(partBytes + 5, 'ab');
    await writeFile(directory.join('big'), content);
    const server = await startHttpServer(handler);
    const target = {
      http: new HttpClient({ retry }),
      service: `${server.uri}/api/2.0/mlflow-artifacts`,
      headers: { authorization: 'Bearer abc' },
      path: ['1', 'run', 'model', 'big.bin'],
    };
    const file = { path: directory.join('big'), byteLength: content.length };
    const result = await multipartUpload(target, file, {}).catch((error: unknown) => error);
    await server[Symbol.asyncDispose]();
    return { result, requests: server.requests };
  }

  /** A server and its bucket in one. */
  const bucket =
    (part: (number: string) => readonly [number, string, Record<string, string>]): Handler =>
    (request, response) => {
      const [, number] = /^\/bucket\/(\d)/.exec(request.url) ?? [];
      if (number !== undefined) return part(number);
      if (!request.url.includes('/mpu/create/')) return {};
      const host = `http://${request.headers.host}`;
      response.setHeader('x', 'y');
      return {
        upload_id: 'up1',
        credentials: [2, 1].map((each) => ({
          url: `${host}/bucket/${each}?sig=s`,
          part_number: each,
          headers: { 'x-part': `${each}` },
        })),
      };
    };

  it('sends the parts to the store and completes with their tags in order', async () => {
    const { result, requests } = await upload(bucket((number) => [200, '', { etag: `"e${number}"` }]));
    expect(result).toBe(true);
    const [created, ...others] = requests;
    expect(created?.url).toBe('/api/2.0/mlflow-artifacts/mpu/create/1/run/model');
    expect(JSON.parse(created!.body.toString())).toEqual({ path: 'big.bin', num_parts: 2 });
    const parts = others.filter(({ method }) => method === 'PUT');
    const sizes = Object.fromEntries(parts.map(({ url, body }) => [url.split('?')[0], body.length]));
    expect(sizes).toEqual({ '/bucket/1': partBytes, '/bucket/2': 5 });
    for (const part of parts) expect(part.headers.authorization).toBeUndefined();
    expect(others.at(-1)?.url).toBe('/api/2.0/mlflow-artifacts/mpu/complete/1/run/model');
    expect(JSON.parse(others.at(-1)!.body.toString())).toMatchObject({
      path: 'big.bin',
      upload_id: 'up1',
      parts: [
        { part_number: 1, etag: '"e1"' },
        { part_number: 2, etag: '"e2"' },
      ],
    });
  });

  it('gives the upload up where a part is refused, and shows no signature', async () => {
    const { result, requests } = await upload(bucket(() => [403, 'AccessDenied', {}]));
    expect(result).toMatchObject({ status: 403, url: expect.not.stringContaining('sig') });
    expect(requests.at(-1)?.url).toContain('/mpu/abort/');
  });

  it('answers false where the server has no such way', async () => {
    const { result } = await upload(() => [
      501,
      { error_code: 'NOT_IMPLEMENTED', message: 'Multipart upload is not supported' },
    ]);
    expect(result).toBe(false);
  });
});

describe('a bucket the server signs uploads to', () => {
  const uri = `s3://bucket/1/${runId}/artifacts`;

  it('takes files through signed addresses', async () => {
    await using directory = await temporaryDirectory();
    await using server = await startHttpServer((request) =>
      request.method === 'PUT'
        ? ''
        : {
            presigned_url: `http://${request.headers.host}/bucket/key?sig=s`,
            headers: { 'content-type': 'text/plain' },
          },
    );
    await writeFile(directory.join('x'), 'content');
    const store = openArtifactStore(uri, { client: new MlflowClient({ trackingUri: server.uri, retry }) });
    await store.upload(directory.join('x'), 'logs/x.txt');
    expect(JSON.parse(server.requests[0]!.body.toString())).toEqual({ run_id: runId, path: 'logs/x.txt' });
    expect(server.requests[1]).toMatchObject({ method: 'PUT', url: '/bucket/key?sig=s' });
    expect(server.requests[1]?.headers).toMatchObject({ 'content-type': 'text/plain', 'content-length': '7' });
  });

  it('is refused in one sentence where the server signs nothing', async () => {
    await using server = await startHttpServer(() => [404, '<html>Not Found</html>']);
    const store = openArtifactStore(uri, { client: new MlflowClient({ trackingUri: server.uri, retry }) });
    await expect(store.ensureWritable()).rejects.toMatchObject({
      exitCode: 64,
      message: expect.stringContaining('is one that this client cannot write'),
    });
  });
});

describe("a folder of the server's machine", () => {
  /** Lists what lies in a folder of ours, as a server on this machine would. */
  const listing =
    (folder: string | null): Handler =>
    async (request) => {
      if (!request.url.includes('/artifacts/list')) return '';
      const names = folder === null ? [] : await readdir(folder).catch(() => []);
      return { root_uri: folder, files: names.map((path) => ({ path, is_dir: true })) };
    };

  it('is written directly where the server sees what we write', async () => {
    await using directory = await temporaryDirectory();
    const root = directory.join('1', runId, 'artifacts');
    await using server = await startHttpServer(listing(root));
    await writeFile(directory.join('x'), 'content');
    const store = openArtifactStore(`file://${root}`, { client: new MlflowClient({ trackingUri: server.uri, retry }) });
    await store.ensureWritable();
    await store.upload(directory.join('x'), 'logs/x.txt');
    expect(await readFile(`${root}/logs/x.txt`, 'utf8')).toBe('content');
    await store.download('logs/x.txt', directory.join('y'));
    expect(await readFile(directory.join('y'), 'utf8')).toBe('content');
    expect(await readdir(root)).toEqual(['logs']);
  });

  it('is written through the server where the same path here is another folder, and nothing stays here', async () => {
    await using directory = await temporaryDirectory();
    const root = directory.join('made', 'up', runId, 'artifacts');
    await using server = await startHttpServer(listing(null));
    await writeFile(directory.join('x'), 'content');
    const store = openArtifactStore(root, { client: new MlflowClient({ trackingUri: server.uri, retry }) });
    await store.upload(directory.join('x'), 'logs/x.txt');
    expect(server.requests.at(-1)).toMatchObject({
      method: 'POST',
      url: `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${runId}&path=logs%2Fx.txt`,
    });
    expect(await readdir(directory.path)).toEqual(['x']);
  });

  it('takes 1 byte to 10 MiB a file through the server', async () => {
    await using directory = await temporaryDirectory();
    await using server = await startHttpServer(listing(null));
    await mkdir(directory.join('made'));
    await writeFile(directory.join('empty'), '');
    await writeFile(directory.join('large'), Buffer.alloc(10 * 1024 * 1024 + 1));
    const root = directory.join('made', runId, 'artifacts');
    const store = openArtifactStore(root, { client: new MlflowClient({ trackingUri: server.uri, retry }) });
    await expect(store.upload(directory.join('empty'), 'x')).rejects.toThrow('is empty');
    await expect(store.upload(directory.join('large'), 'x')).rejects.toThrow('10 MiB');
  });
});
