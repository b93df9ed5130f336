import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { environment } from '../../src/config.ts';
import { DockerEngine } from '../../src/docker/index.ts';
import { describeContext, ensureImage, type ReadyImage } from '../../src/image/index.ts';
import { testBaseImage } from '../support/base-image.ts';
import { requireDocker, type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';

const label = 'slipway.project=image-build-test';
let engine: DockerEngine;
let base: string;
let project: TemporaryDirectory;
let notices: string[];
let lines: string[];

beforeAll(async () => {
  await requireDocker();
  engine = await DockerEngine.connect({ environment: environment() });
  base = await testBaseImage();
});

beforeEach(async () => {
  project = await temporaryDirectory();
  notices = [];
  lines = [];
  writeFileSync(project.join('train.sh'), '#!/bin/sh\necho trained\n');
  chmodSync(project.join('train.sh'), 0o755);
  symlinkSync('train.sh', project.join('start'));
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'First');
});

afterEach(() => project.remove());

afterAll(async () => {
  for (const { id } of (await engine?.listImages({ label })) ?? []) await engine.removeImage(id, { force: true });
});

function git(...words: string[]): string {
  return execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...words], {
    cwd: project.path,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

async function ensure(changes: { dockerImage?: string | null; reference?: string } = {}): Promise<ReadyImage> {
  const { treeHash } = await describeContext(project.path);
  const dockerImage = changes.dockerImage === undefined ? base : changes.dockerImage;
  return ensureImage(
    engine,
    {
      reference: changes.reference ?? 'slipway-test-build:one',
      projectName: 'image-build-test',
      directory: project.path,
      base: dockerImage ?? base,
      dockerImage,
      flavor: 'cpu',
      commit: git('rev-parse', 'HEAD'),
      treeHash,
      storageDirectory: project.join('storage'),
    },
    {
      signal: AbortSignal.timeout(200_000),
      onProgress: (line) => lines.push(line),
      onNotice: (line) => notices.push(line),
    },
  );
}

function inImage(image: ReadyImage, command: string, ...options: string[]): string {
  const words = ['run', '--rm', '--entrypoint', '/bin/sh', ...options, image.id, '-c', command];
  return execFileSync('docker', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('an image made from docker_env.image', () => {
  it('holds the code, its links and executable bits, where mlflow puts it', async () => {
    const image = await ensure();
    expect(image).toMatchObject({ reused: false, isStrict: false, workingDirectory: '/mlflow/projects/code' });
    expect(inImage(image, './start && readlink start && pwd')).toBe('trained\ntrain.sh\n/mlflow/projects/code\n');
  });

  it('lets a user without a name write beside the code', async () => {
    const image = await ensure();
    expect(inImage(image, 'echo written > result && cat result', '--user', '4242:4242')).toBe('written\n');
  });

  it('names project, commit and recipe, and is used again as long as they are equal', async () => {
    const first = await ensure();
    expect((await engine.inspectImage(first.name))?.labels).toMatchObject({
      'slipway.project': 'image-build-test',
      'slipway.commit': git('rev-parse', 'HEAD'),
      'slipway.build': expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    lines = [];
    expect(await ensure()).toMatchObject({ id: first.id, reused: true });
    expect(lines).toEqual([]);
  });

  it('is built anew where an image of its name was built another way, or its base changed', async () => {
    const foreign = 'slipway-test-build:base';
    await engine.tagImage(base, foreign);
    const first = await ensure({ dockerImage: foreign });
    const changed = execFileSync('docker', ['create', '--entrypoint', '/bin/true', base], { encoding: 'utf8' }).trim();
    execFileSync('docker', ['commit', '--change', 'LABEL slipway.project=image-build-test', changed, foreign]);
    execFileSync('docker', ['rm', changed]);
    const second = await ensure({ dockerImage: foreign });
    expect(second.reused).toBe(false);
    expect(second.id).not.toBe(first.id);
    expect((await ensure({ dockerImage: base })).reused).toBe(false);
    await engine.removeImage(foreign);
  });

  it('leaves out what looks like credentials, and says so', async () => {
    writeFileSync(project.join('.env'), 'TOKEN=1');
    const image = await ensure({ reference: 'slipway-test-build:dirty' });
    expect(notices).toEqual(['Not in the image: .env looks like credentials.']);
    expect(inImage(image, 'ls -A')).toBe('start\ntrain.sh\n');
  });

  it('cannot be had where nobody has its base', async () => {
    const making = ensure({ dockerImage: 'slipway-test-nowhere.invalid/base:1' });
    await expect(making).rejects.toThrow('The base image slipway-test-nowhere.invalid/base:1 cannot be had');
  });
});

describe('an image of a Dockerfile', () => {
  it('gets this machine’s certificates in a folder of its context, which stays out of the tree', async () => {
    writeFileSync(
      project.join('Dockerfile'),
      'ARG BASE_IMAGE\nFROM $BASE_IMAGE\nCOPY train.sh .ca* /host/\nLABEL slipway.strict=true\nWORKDIR /app\n',
    );
    const image = await ensure({ dockerImage: null, reference: 'slipway-test-build:dockerfile' });
    expect(image).toMatchObject({ isStrict: true, workingDirectory: '/app' });
    expect(git('status', '--porcelain')).toBe('?? Dockerfile');
    expect(inImage(image, 'ls /host')).toContain('train.sh');
  });

  it('that fails leaves no image and says where and why', async () => {
    writeFileSync(project.join('Dockerfile'), 'ARG BASE_IMAGE\nFROM $BASE_IMAGE\nRUN echo why it broke; exit 3\n');
    const building = ensure({ dockerImage: null, reference: 'slipway-test-build:fails' });
    await expect(building).rejects.toThrow(
      /Step 3\/\d+ : RUN echo why it broke[\s\S]*ended with exit code 3[\s\S]*why it broke/,
    );
    expect(await engine.inspectImage('slipway-test-build:fails')).toBeNull();
  });

  it('is not built from files that changed after the launch', async () => {
    const { treeHash } = await describeContext(project.path);
    expect(treeHash).toBeNull();
    mkdirSync(project.join('sub'));
    writeFileSync(project.join('sub/late.py'), 'late');
    const request = {
      reference: 'slipway-test-build:late',
      projectName: 'image-build-test',
      directory: project.path,
      base,
      dockerImage: base,
      flavor: 'cpu',
      commit: git('rev-parse', 'HEAD'),
      treeHash,
      storageDirectory: project.join('storage'),
    } as const;
    const options = { signal: AbortSignal.timeout(60_000), onProgress: () => {}, onNotice: () => {} };
    await expect(ensureImage(engine, request, options)).rejects.toThrow('changed between launch and build');
  });
});
