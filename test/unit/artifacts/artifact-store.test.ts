import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openArtifactStore } from '../../../src/artifacts/index.ts';
import { MlflowClient } from '../../../src/mlflow/index.ts';
import { type Handler, startHttpServer } from '../../support/http-server.ts';
import { temporaryDirectory } from '../../support/index.ts';

const retry = { maximumRetries: 3, baseDelayMs: 1, maximumDelayMs: 2 };
const runId = 'a'.repeat(32);
const root = `mlflow-artifacts:/1/${runId}/artifacts`;
const base = `/api/2.0/mlflow-artifacts/artifacts/1/${runId}/artifacts`;

async function openStore(handler: Handler, uri: (server: string) => string = () => root) {
  const server = await startHttpServer(handler);
  const directory = await temporaryDirectory();
  const environment = { MLFLOW_TRACKING_TOKEN: 'abc' };
  const client = new MlflowClient({ trackingUri: server.uri, environment, retry });
  const store = openArtifactStore(uri(server.uri), { client });
  const dispose = async () => {
    await server[Symbol.asyncDispose]();
    await directory.remove();
  };
  return { server, directory, client, store, [Symbol.asyncDispose]: dispose };
}

describe('uploads', () => {
  it('send a file with its length and the login, below the root', async () => {
    await using opened = await openStore(() => ({}));
    const { directory, server, store } = opened;
    await writeFile(directory.join('x'), 'content');
    const seen: unknown[] = [];
    await store.upload(directory.join('x'), 'plots/a b.txt', { onProgress: (progress) => seen.push(progress) });
    expect(server.requests[0]).toMatchObject({ method: 'PUT', url: `${base}/plots/a%20b.txt` });
    expect(server.requests[0]?.headers).toMatchObject({ 'content-length': '7', authorization: 'Bearer abc' });
    expect(server.requests[0]?.body.toString()).toBe('content');
    expect(seen).toEqual([{ transferredBytes: 7, totalBytes: 7 }]);
  });

  it('are repeated with the whole file after a failure that passes', async () => {
    await using opened = await openStore((_request, _response, index) => (index === 0 ? [503, ''] : {}));
    const { directory, server, store } = opened;
    await writeFile(directory.join('x'), 'content');
    await store.upload(directory.join('x'), 'x');
    expect(server.requests.map(({ body }) => body.toString())).toEqual(['content', 'content']);
  });

  it('of a folder send every file, and check all names before the first', async () => {
    await using opened = await openStore(() => ({}));
    const { directory, server, store } = opened;
    await mkdir(directory.join('sub'));
    await writeFile(directory.join('a.txt'), 'a');
    await writeFile(directory.join('sub', 'b.txt'), '');
    expect(await store.uploadDirectory(directory.path, 'out')).toEqual(['out/a.txt', 'out/sub/b.txt']);
    expect(server.requests.map(({ url }) => url).sort()).toEqual([`${base}/out/a.txt`, `${base}/out/sub/b.txt`]);
    await writeFile(directory.join('100%.txt'), '');
    await expect(store.uploadDirectory(directory.path, 'out')).rejects.toThrow('"%"');
    expect(server.requests).toHaveLength(2);
  });

  it('refuse what is not a file, and what is not there', async () => {
    await using opened = await openStore(() => ({}));
    await expect(opened.store.upload(opened.directory.path, 'x')).rejects.toThrow('is not a file');
    await expect(opened.store.upload(opened.directory.join('none'), 'x')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('do not take a login page for success', async () => {
    await using opened = await openStore(() => '<html>please sign in</html>');
    await writeFile(opened.directory.join('x'), 'x');
    await expect(opened.store.upload(opened.directory.join('x'), 'x')).rejects.toThrow('artifact service');
  });
});

describe('downloads', () => {
  const content = Buffer.from('0123456789'.repeat(1000));

  /** Serves `content` with ranges; breaks off the first `breaks` replies in the middle. */
  function serving(breaks: number, headers: Record<string, string> = { etag: '"v1"' }): Handler {
    return (request, response, index) => {
      const [, from] = /bytes=(\d+)-/.exec(String(request.headers.range ?? '')) ?? [];
      const start = Number(from ?? 0);
      const rest = content.subarray(start);
      response.writeHead(from === undefined ? 200 : 206, {
        'content-length': rest.length,
        ...(from === undefined ? {} : { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }),
        ...headers,
      });
      if (index >= breaks) {
        response.end(rest);
        return undefined;
      }
      response.write(rest.subarray(0, 1000));
      setTimeout(() => response.destroy(), 20);
      return undefined;
    };
  }

  it('take up a reply that broke off where it ended, of the same version', async () => {
    await using opened = await openStore(serving(1));
    const target = opened.directory.join('deep', 'x');
    await opened.store.download('x', target);
    expect(await readFile(target)).toEqual(content);
    expect(opened.server.requests.map(({ headers }) => [headers.range, headers['if-range']])).toEqual([
      [undefined, undefined],
      ['bytes=1000-', '"v1"'],
    ]);
    expect(await readdir(opened.directory.join('deep'))).toEqual(['x']);
  });

  it('take up what an earlier call left', async () => {
    await using opened = await openStore(serving(99));
    const target = opened.directory.join('x');
    await expect(opened.store.download('x', target)).rejects.toMatchObject({ failure: 'broken' });
    await using whole = await openStore(serving(0));
    await whole.store.download('x', target);
    expect(await readFile(target)).toEqual(content);
    expect(whole.server.requests[1]?.headers.range).toMatch(/^bytes=[1-9]\d*-$/);
    expect(await readdir(opened.directory.path)).toEqual(['x']);
  });

  it('begin anew where the version has changed', async () => {
    await using old = await openStore(serving(99));
    const target = old.directory.join('x');
    await expect(old.store.download('x', target)).rejects.toThrow();
    await using changed = await openStore(serving(0, { etag: '"v2"' }));
    await changed.store.download('x', target);
    expect(await readFile(target)).toEqual(content);
    expect(changed.server.requests.map(({ headers }) => headers.range)).toEqual([undefined]);
  });

  it('begin anew where the server has no versions', async () => {
    await using opened = await openStore(serving(1, {}));
    const target = opened.directory.join('x');
    await opened.store.download('x', target);
    expect(await readFile(target)).toEqual(content);
    expect(opened.server.requests).toHaveLength(2);
  });

  it('compare with the listing where the server does not tell the size', async () => {
    await using opened = await openStore((request, response, index) => {
      if (request.url.includes('?path=')) return { files: [{ path: 'x', is_dir: false, file_size: 5 }] };
      response.writeHead(200);
      response.end(index === 0 ? 'abc' : 'abcde');
      return undefined;
    });
    const target = opened.directory.join('x');
    await opened.store.download('x', target);
    expect(await readFile(target, 'utf8')).toBe('abcde');
  });

  it('leave no file under the name where the artifact is missing', async () => {
    await using opened = await openStore(() => [404, { detail: 'Not Found' }]);
    await expect(opened.store.download('x', opened.directory.join('x'))).rejects.toMatchObject({ status: 404 });
    expect(await readdir(opened.directory.path)).toEqual([]);
  });

  it('end with the reason of their signal', async () => {
    await using opened = await openStore((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('beginning');
      return undefined;
    });
    const controller = new AbortController();
    const reason = new Error('stop');
    const options = { signal: controller.signal, onProgress: () => controller.abort(reason) };
    await expect(opened.store.download('x', opened.directory.join('x'), options)).rejects.toBe(reason);
  });

  it('of a folder fetch all files below it', async () => {
    const listings: Record<string, object> = {
      '': {
        files: [
          { path: 'sub', is_dir: true },
          { path: 'a.txt', is_dir: false, file_size: 1 },
        ],
      },
      '/sub': { files: [{ path: 'b.txt', is_dir: false }] },
    };
    await using opened = await openStore((request) => {
      const path = new URL(request.url, 'http://x').searchParams.get('path');
      if (path === null) return request.url.endsWith('a.txt') ? 'a' : '';
      return listings[path.split('/artifacts/out')[1] ?? ''] ?? {};
    });
    const target = opened.directory.join('down');
    expect(await opened.store.downloadDirectory('out', target)).toHaveLength(2);
    expect(await readFile(`${target}/a.txt`, 'utf8')).toBe('a');
    expect(await readFile(`${target}/sub/b.txt`, 'utf8')).toBe('');
  });
});

describe('openArtifactStore', () => {
  const fine: Handler = () => ({ files: [] });

  it.each([
    ['mlflow-artifacts:/1/x', `/api/2.0/mlflow-artifacts/artifacts?path=${encodeURIComponent('1/x')}`],
    ['mlflow-artifacts:/', '/api/2.0/mlflow-artifacts/artifacts'],
  ])('finds %s on the tracking server', async (uri, path) => {
    await using opened = await openStore(fine, () => uri);
    await opened.store.list();
    expect(opened.server.requests[0]?.url).toBe(path);
  });

  it('finds an artifact service at an address of its own, and shows it no login', async () => {
    await using other = await startHttpServer(fine);
    for (const uri of [
      `${other.uri.replace('http:', 'mlflow-artifacts:')}/1/x`,
      `${other.uri}/api/2.0/mlflow-artifacts/artifacts/1/x`,
    ]) {
      await using opened = await openStore(fine, () => uri);
      await opened.store.list();
      expect(opened.server.requests).toHaveLength(0);
    }
    expect(other.requests.map(({ url }) => url)).toEqual(
      Array(2).fill('/api/2.0/mlflow-artifacts/artifacts?path=1%2Fx'),
    );
    expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  });

  it.each([
    'gs://bucket/x',
    'wasbs://container@account/x',
    'dbfs:/x',
    'hdfs://x',
    's3://bucket/elsewhere',
    'https://host/files',
  ])('refuses %s at once', async (uri) => {
    const client = new MlflowClient({ trackingUri: 'http://127.0.0.1:5000' });
    expect(() => openArtifactStore(uri, { client })).toThrow(
      /The artifact root .* is (one that this client cannot write|not the address)/,
    );
  });

  it("refuses a logged model's folder on another machine's disk at once, and says what to do", () => {
    const client = new MlflowClient({ trackingUri: 'http://tracking.example:5000' });
    const uri = `/mlruns/1/models/m-${'b'.repeat(32)}/artifacts`;
    expect(() => openArtifactStore(uri, { client })).toThrow('folder of the server');
  });
});
