import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environment } from '../../src/config.ts';
import { DockerApiError, DockerEngine, ImageBuildError } from '../../src/docker/index.ts';
import { describeContext, packContext } from '../../src/image/index.ts';
import { testBaseImage } from '../support/base-image.ts';
import { requireDocker, temporaryDirectory } from '../support/index.ts';

const label = 'slipway.test=engine';
let engine: DockerEngine;
let base: string;

beforeAll(async () => {
  await requireDocker();
  engine = await DockerEngine.connect({ environment: environment() });
  base = await testBaseImage();
});

afterAll(async () => {
  for (const { id } of (await engine?.listContainers({ label })) ?? []) await engine.removeContainer(id);
  for (const { id } of (await engine?.listImages({ label })) ?? []) await engine.removeImage(id, { force: true });
});

async function build(files: Readonly<Record<string, string>>, tag: string, onLine?: (line: string) => void) {
  await using folder = await temporaryDirectory();
  for (const [path, content] of Object.entries(files)) writeFileSync(folder.join(path), content);
  const context = await describeContext(folder.path);
  return engine.buildImage({
    context: packContext(folder.path, context.files, []),
    tags: [tag],
    buildArguments: { BASE: base },
    labels: { 'slipway.test': 'engine' },
    ...(onLine === undefined ? {} : { onLine }),
  });
}

/** Runs a shell command in a container to its end. */
async function run(command: string, options: { readonly memoryMiB?: number } = {}) {
  const id = await engine.createContainer({
    image: base,
    entrypoint: [],
    command: ['/bin/sh', '-c', command],
    labels: { 'slipway.test': 'engine' },
    ...options,
  });
  await engine.startContainer(id);
  const exitCode = await engine.waitContainer(id);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  await engine.containerLogs(id, {
    stdout: (chunk) => void stdout.push(chunk),
    stderr: (chunk) => void stderr.push(chunk),
  });
  const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString();
  return { exitCode, stdout: text(stdout), stderr: text(stderr), status: await engine.inspectContainer(id) };
}

describe('a real engine', () => {
  it('describes itself', async () => {
    const info = await engine.info();
    expect(info.version).toMatch(/^\d+\./);
    expect(info.runtimes).toContain('runc');
    expect(info.memoryMiB).toBeGreaterThan(0);
  });

  it('builds an image, and the same files again from its cache', async () => {
    const files = {
      Dockerfile: 'ARG BASE\nFROM $BASE\nCOPY a.txt /a.txt\nRUN cat /a.txt\n',
      'a.txt': 'content of a\n',
    };
    const lines: string[] = [];
    const id = await build(files, 'slipway-test-engine:one', (line) => lines.push(line));
    expect(lines).toContain('content of a');
    const image = await engine.inspectImage('slipway-test-engine:one');
    expect(image).toMatchObject({ id, labels: { 'slipway.test': 'engine' } });
    expect(await build(files, 'slipway-test-engine:one')).toBe(id);
  });

  it('fails a build with the step, its last lines and the cause', async () => {
    const dockerfile = 'ARG BASE\nFROM $BASE\nRUN echo before && echo to stderr >&2 && exit 7\n';
    const error = await build({ Dockerfile: dockerfile }, 'slipway-test-engine:broken').catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ImageBuildError);
    const { step, lastLines, message } = error as ImageBuildError;
    expect(step).toContain('RUN echo before');
    expect(lastLines).toEqual(expect.arrayContaining(['before', 'to stderr']));
    expect(message).toContain('ended with exit code 7');
  });

  it('fails on a Dockerfile that cannot be read', async () => {
    await expect(build({ Dockerfile: 'NONSENSE here\n' }, 'slipway-test-engine:broken')).rejects.toThrow(/NONSENSE/i);
  });

  it('breaks off a build when asked to', async () => {
    const controller = new AbortController();
    const context = await temporaryDirectory();
    writeFileSync(context.join('Dockerfile'), 'ARG BASE\nFROM $BASE\nRUN echo begun && sleep 120\n');
    const { files } = await describeContext(context.path);
    const building = engine.buildImage({
      context: packContext(context.path, files, []),
      tags: ['slipway-test-engine:aborted'],
      buildArguments: { BASE: base },
      onLine: (line) => line === 'begun' && controller.abort(new Error('enough')),
      signal: controller.signal,
    });
    await expect(building).rejects.toThrow('enough');
    await context.remove();
  });

  it('imports, tags, lists and removes images', async () => {
    await using folder = await temporaryDirectory();
    mkdirSync(folder.join('root'));
    writeFileSync(folder.join('root/file'), 'x');
    const { files } = await describeContext(folder.join('root'));
    const archive = folder.join('root.tar');
    await pipeline(packContext(folder.join('root'), files, []), createWriteStream(archive));
    const { createReadStream } = await import('node:fs');
    const changes = ['LABEL slipway.test=engine'];
    await engine.importImage(createReadStream(archive), 'slipway-test-engine:imported', { changes });
    await engine.tagImage('slipway-test-engine:imported', 'slipway-test-engine:again');
    const tags = (await engine.listImages({ label })).flatMap((image) => image.tags);
    expect(tags).toEqual(expect.arrayContaining(['slipway-test-engine:imported', 'slipway-test-engine:again']));
    await engine.removeImage('slipway-test-engine:again');
    expect(await engine.inspectImage('slipway-test-engine:again')).toBeNull();
  });

  it('runs a container and tells its output, exit code and times', async () => {
    const { exitCode, stdout, stderr, status } = await run('echo out; echo err >&2; exit 5');
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 5, stdout: 'out\n', stderr: 'err\n' });
    expect(status).toMatchObject({ state: 'exited', exitCode: 5, outOfMemory: false, error: null });
    expect(status?.finishedAtMs).toBeGreaterThanOrEqual(status?.startedAtMs ?? Number.POSITIVE_INFINITY);
  });

  it('says that a container ran out of memory', async () => {
    const { exitCode, status } = await run('node -e "const a=[]; for(;;) a.push(Buffer.alloc(1e7, 1))"', {
      memoryMiB: 64,
    });
    expect(status?.outOfMemory).toBe(true);
    expect(exitCode).not.toBe(0);
  });

  it('refuses to start a command that does not exist, in its own words', async () => {
    const id = await engine.createContainer({
      image: base,
      entrypoint: [],
      command: ['/no/such/program'],
      labels: { 'slipway.test': 'engine' },
    });
    const error = await engine.startContainer(id).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DockerApiError);
    expect((error as DockerApiError).reason).toContain('/no/such/program');
  });

  it('measures a running container and stops it by a signal', async () => {
    const id = await engine.createContainer({
      image: base,
      entrypoint: [],
      command: ['/bin/sh', '-c', 'trap "exit 9" TERM; while :; do sleep 0.05; done'],
      labels: { 'slipway.test': 'engine' },
    });
    await engine.startContainer(id);
    const stats = await engine.containerStats(id);
    expect(stats?.processes).toBeGreaterThan(0);
    expect(stats?.cpuSeconds).toBeGreaterThan(0);
    expect(stats?.memoryBytes).toBeGreaterThan(0);
    expect(stats?.memoryBytes).toBeLessThan(stats?.memoryLimitBytes ?? 0);
    // Of a network of its own.
    expect(stats?.network).toMatchObject({ inBytes: expect.any(Number), outBytes: expect.any(Number) });
    await engine.killContainer(id, 'SIGTERM');
    expect(await engine.waitContainer(id)).toBe(9);
    expect(await engine.containerStats(id)).toBeNull();
    await engine.killContainer(id, 'SIGTERM');
    await engine.removeContainer(id);
    expect(await engine.inspectContainer(id)).toBeNull();
  });
});
