import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MlflowClient, openArtifactStore } from '../../src/index.ts';
import { type MlflowServer, startMlflow, type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';

async function newRun(client: MlflowClient, artifactLocation?: string) {
  const name = `artifacts-${randomBytes(4).toString('hex')}`;
  const experimentId = await client.createExperiment({ name, ...(artifactLocation ? { artifactLocation } : {}) });
  return (await client.createRun({ experimentId, startTimeMs: Date.now() })).info;
}

const digest = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

describe('artifacts behind a server that serves them', () => {
  let server: MlflowServer;
  let client: MlflowClient;
  let directory: TemporaryDirectory;
  beforeAll(async () => {
    server = await startMlflow();
    client = new MlflowClient({ trackingUri: server.uri });
    directory = await temporaryDirectory();
  });
  afterAll(async () => {
    await client?.close();
    await server?.[Symbol.asyncDispose]();
    await directory?.remove();
  });

  it('make the round trip of a folder, odd names and empty files included', async () => {
    const files = {
      'a b+c&d=ü?.txt': 'one',
      'deep/er/日本.json': '{}',
      'empty.log': '',
      '.hidden': 'h',
      "it's;@:,$.md": '#',
    };
    for (const [name, content] of Object.entries(files)) {
      await mkdir(directory.join('up', name, '..'), { recursive: true });
      await writeFile(directory.join('up', name), content);
    }
    const run = await newRun(client);
    const store = openArtifactStore(run.artifactUri, { client });
    await store.ensureWritable();
    expect(await store.list()).toEqual([]);
    expect((await store.uploadDirectory(directory.join('up'), 'out')).sort()).toEqual(
      Object.keys(files)
        .map((name) => `out/${name}`)
        .sort(),
    );
    const listed = await store.listRecursive('out');
    expect(Object.fromEntries(listed.map(({ path, byteLength }) => [path.slice(4), byteLength]))).toEqual(
      Object.fromEntries(Object.entries(files).map(([name, content]) => [name, content.length])),
    );
    await store.downloadDirectory('out', directory.join('down'));
    for (const [name, content] of Object.entries(files)) {
      expect(await readFile(directory.join('down', name), 'utf8')).toBe(content);
    }
    expect((await client.listArtifacts(run.runId, 'out')).files.map(({ path }) => path)).toContain('out/empty.log');
  });

  it('of a logged model lie below its own root', async () => {
    const run = await newRun(client);
    const model = await client.createLoggedModel({ experimentId: run.experimentId, name: 'm', sourceRunId: run.runId });
    await writeFile(directory.join('MLmodel'), 'flavors: {}');
    await openArtifactStore(model.artifactUri, { client }).upload(directory.join('MLmodel'), 'MLmodel');
    expect((await client.listLoggedModelArtifacts(model.modelId)).files).toEqual([
      { path: 'MLmodel', isDirectory: false, byteLength: 11 },
    ]);
  });

  it('of 64 MB arrive whole, and an interrupted download goes on where it stopped', async () => {
    const local = directory.join('large.bin');
    await writeFile(local, randomBytes(64 * 1024 * 1024));
    const store = openArtifactStore((await newRun(client)).artifactUri, { client });
    await store.upload(local, 'models/large.bin');
    const target = directory.join('large.copy');
    const controller = new AbortController();
    const stopped = store.download('models/large.bin', target, {
      signal: controller.signal,
      onProgress: ({ transferredBytes }) => {
        if (transferredBytes > 20e6) controller.abort(new Error('enough'));
      },
    });
    await expect(stopped).rejects.toThrow('enough');
    const partial = (await readdir(directory.path)).find((name) => name.endsWith('.partial'));
    const partialBytes = (await stat(directory.join(partial!))).size;
    expect(partialBytes).toBeGreaterThan(1e6);
    const seen: number[] = [];
    await store.download('models/large.bin', target, {
      onProgress: (progress) => seen.push(progress.transferredBytes),
    });
    expect(seen[0]).toBeGreaterThan(partialBytes);
    expect(await digest(target)).toBe(await digest(local));
    expect((await readdir(directory.path)).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  it('send of a growing file what was there at the beginning', async () => {
    const local = directory.join('growing.log');
    await writeFile(local, 'x'.repeat(5_000_000));
    const store = openArtifactStore((await newRun(client)).artifactUri, { client });
    const handle = await open(local, 'a');
    const upload = store.upload(local, 'growing.log', { onProgress: () => void handle.write('y') });
    await upload;
    await handle.close();
    expect((await store.list())[0]?.byteLength).toBe(5_000_000);
  });

  it('replace what is there', async () => {
    const store = openArtifactStore((await newRun(client)).artifactUri, { client });
    for (const content of ['first', 'second, longer']) {
      await writeFile(directory.join('again'), content);
      await store.upload(directory.join('again'), 'again');
    }
    await store.download('again', directory.join('again.copy'));
    expect(await readFile(directory.join('again.copy'), 'utf8')).toBe('second, longer');
  });

  it('that do not exist are a 404 that no retry mends', async () => {
    const store = openArtifactStore((await newRun(client)).artifactUri, { client });
    const error = store.download('none.txt', directory.join('none.txt'));
    await expect(error).rejects.toMatchObject({ status: 404, isRetryable: false });
    expect(await store.list('no/such/folder')).toEqual([]);
  });

  it('whose upload is stopped leave nothing', async () => {
    const local = directory.join('stopped.bin');
    await writeFile(local, randomBytes(32 * 1024 * 1024));
    const store = openArtifactStore((await newRun(client)).artifactUri, { client });
    const controller = new AbortController();
    const options = { signal: controller.signal, onProgress: () => controller.abort(new Error('stop')) };
    await expect(store.upload(local, 'stopped.bin', options)).rejects.toThrow('stop');
    expect(await store.list()).toEqual([]);
  });

  it('in a bucket that the server signs no uploads to are refused before anything is written', async () => {
    const run = await newRun(client, 's3://no-such-bucket/runs');
    const store = openArtifactStore(run.artifactUri, { client });
    await expect(store.ensureWritable()).rejects.toMatchObject({
      exitCode: 64,
      hint: expect.stringContaining('--serve-artifacts'),
    });
    const other = await newRun(client, 'gs://no-such-bucket/runs');
    expect(() => openArtifactStore(other.artifactUri, { client })).toThrow('cannot write');
  });
});

describe('artifacts in a folder of a server that does not serve them', () => {
  it('are written directly where the server is on this machine', async () => {
    await using directory = await temporaryDirectory();
    await using server = await startMlflow({
      extraArguments: ['--no-serve-artifacts', '--default-artifact-root', directory.join('root')],
    });
    const client = new MlflowClient({ trackingUri: server.uri });
    const run = await newRun(client);
    expect(run.artifactUri).toContain(directory.path);
    const store = openArtifactStore(run.artifactUri, { client });
    await store.ensureWritable();
    expect(await store.list()).toEqual([]);
    await writeFile(directory.join('x'), 'content');
    await store.upload(directory.join('x'), 'a/x.txt');
    expect((await client.listArtifacts(run.runId, 'a')).files).toMatchObject([{ path: 'a/x.txt', byteLength: 7 }]);
    await store.download('a/x.txt', directory.join('y'));
    expect(await readFile(directory.join('y'), 'utf8')).toBe('content');
    const model = await client.createLoggedModel({ experimentId: run.experimentId, name: 'm', sourceRunId: run.runId });
    await openArtifactStore(model.artifactUri, { client }).upload(directory.join('x'), 'MLmodel');
    expect((await client.listLoggedModelArtifacts(model.modelId)).files).toMatchObject([{ path: 'MLmodel' }]);
    await client.close();
  });
});
