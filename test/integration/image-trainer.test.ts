import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environment } from '../../src/config.ts';
import { DockerEngine } from '../../src/docker/index.ts';
import { defaultBaseImage, describeContext, ensureImage, type ReadyImage } from '../../src/image/index.ts';
import { requireDocker } from '../support/index.ts';

const directory = resolve(import.meta.dirname, '../..');
const strict = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--user', '10001:10001'];
let engine: DockerEngine;
let image: ReadyImage;

beforeAll(async () => {
  await requireDocker();
  engine = await DockerEngine.connect({ environment: environment() });
  const { treeHash } = await describeContext(directory);
  const request = {
    reference: 'slipway-test-trainer:one',
    projectName: 'image-trainer-test',
    directory,
    base: defaultBaseImage,
    dockerImage: null,
    flavor: 'cpu',
    commit: execFileSync('git', ['rev-parse', 'HEAD'], { cwd: directory, encoding: 'utf8' }).trim(),
    treeHash,
    storageDirectory: resolve(directory, 'storage'),
  } as const;
  image = await ensureImage(engine, request, {
    signal: AbortSignal.timeout(800_000),
    onProgress: () => {},
    onNotice: () => {},
  });
});

afterAll(async () => {
  if (image) await engine.removeImage(image.name, { force: true });
});

function run(script: string, ...options: string[]): string {
  const words = ['run', '--rm', ...strict, '--network', 'none', ...options, image.id];
  return execFileSync('docker', [...words, '/bin/sh', '-c', script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

describe('the image of the trainer', () => {
  it('is ours, with the code where programs expect it', () => {
    expect(image).toMatchObject({ isStrict: true, workingDirectory: '/app' });
    expect(run('ls bin/train trainer src/runlog/schema.ts package.json').split('\n')).toContain('bin/train');
  });

  it('computes with TensorFlow as a nobody, without network, rights and a writable root', () => {
    const program = `
      import util from 'node:util';
      import { createRequire } from 'node:module';
      util.isNullOrUndefined = (value) => value == null;
      util.isArray = Array.isArray;
      const tf = createRequire('/app/package.json')('@tensorflow/tfjs-node-gpu');
      const kernel = tf.ones([3, 3, 1, 2]);
      console.log(tf.getBackend(), tf.conv2d(tf.ones([1, 4, 4, 1]), kernel, 1, 'valid').sum().dataSync()[0]);`;
    const output = run(`node --input-type=module -e '${program.replaceAll("'", `'"'"'`)}'`);
    expect(output.trim()).toBe('tensorflow 72');
  });

  it('has the trainer as a command, wherever the code of a project lies', () => {
    const checked = run(
      'cd /tmp && echo "epochs: 7" > c.yaml && slipway-train --config c.yaml --check',
      '--tmpfs',
      '/tmp',
    );
    expect(JSON.parse(checked)).toMatchObject({ epochs: 7 });
  });

  it('checks itself: one step is trained', () => {
    const answer = JSON.parse(run('node bin/train --self-check').trim().split('\n').at(-1) ?? '');
    expect(answer).toMatchObject({ ok: true, problem: null, device: 'CPU', loss: expect.any(Number) });
  });

  it('has every package the trainer and the stream use', () => {
    const names = [
      'zod',
      'undici',
      'yaml',
      'h5wasm/node',
      'fflate',
      'yauzl',
      'pngjs',
      'vega',
      'vega-lite',
      'fastest-levenshtein',
    ];
    const program = names.map((name) => `await import('${name}');`).join(' ');
    expect(run(`node --input-type=module -e "${program} console.log('all there')"`)).toBe('all there\n');
  });

  it('holds neither compilers, package managers, source maps nor the launcher’s packages', () => {
    const tools =
      'npm npx yarn pnpm corepack apt apt-get dpkg pip pip3 python3 gcc g++ cc c++ make ld as curl wget git';
    expect(run(`for tool in ${tools}; do command -v $tool; done; true`)).toBe('');
    expect(run('find / -xdev -name "*.map" 2>/dev/null | head; true')).toBe('');
    expect(run('ls node_modules').split('\n')).not.toContain('docker-modem');
  });

  it('carries no certificate or setting of the machine that built it, in no layer', () => {
    expect(
      run(
        'find / -xdev \\( -name "host-*.crt" -o -name "host-*.pem" -o -name "extra.crt" -o -name npmrc -o -name pip.conf \\) 2>/dev/null; true',
      ),
    ).toBe('');
    const layers = execFileSync('docker', ['history', '--no-trunc', '--format', '{{.CreatedBy}}', image.id], {
      encoding: 'utf8',
    });
    expect(layers).not.toMatch(/trust-host|\.ca/);
  });

  it('is used again', async () => {
    const details = await engine.inspectImage(image.name);
    expect(details?.id).toBe(image.id);
    expect(details?.sizeBytes).toBeLessThan(1_000_000_000);
  });
});
