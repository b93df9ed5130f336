import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { LaunchEvent, LaunchOptions, RunLogEvent } from '../../src/index.ts';
import { launch, MlflowClient, readRunLog, UsageError } from '../../src/index.ts';
import {
  type GitProject,
  gitProject,
  type MlflowServer,
  startMlflow,
  type TemporaryDirectory,
  temporaryDirectory,
} from '../support/index.ts';
import { type PackedPackage, packedPackage } from '../support/packed-package.ts';
import { plainEnvironment } from '../support/plain-environment.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

let server: MlflowServer;
let client: MlflowClient;
let project: GitProject;
let storage: TemporaryDirectory;

beforeAll(async () => {
  server = await startMlflow();
  client = new MlflowClient({ trackingUri: server.uri });
  project = await gitProject('echo');
  storage = await temporaryDirectory();
});
afterAll(async () => {
  await client?.close();
  await project?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  await storage?.remove();
});

const launchEcho = (options: LaunchOptions = {}) =>
  launch({
    project: project.path,
    storage: storage.path,
    engine: 'host',
    environment: plainEnvironment({ MLFLOW_TRACKING_URI: server.uri }),
    ...options,
  });

describe('launch', () => {
  it('gives the result of a run that ended well, having told all that happened, and says nothing itself', async () => {
    const written = vi.spyOn(process.stdout, 'write');
    const warned = vi.spyOn(process.stderr, 'write');
    const listeners = process.listenerCount('SIGINT') + process.listenerCount('SIGTERM');
    const events: LaunchEvent[] = [];
    const onEvent = (event: LaunchEvent) => {
      events.push(event);
      if (event.type === 'state') {
        expect(process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')).toBe(listeners);
      }
    };
    const result = await launchEcho({ entryPoint: 'log', parameters: { values: 3 }, runName: 'library', onEvent });
    expect([...written.mock.calls, ...warned.mock.calls]).toEqual([]);
    vi.restoreAllMocks();
    expect(result).toMatchObject({
      status: 'FINISHED',
      exitCode: 0,
      runName: 'library',
      metrics: { value: 3 },
      drained: true,
    });
    expect(events.at(-1)).toMatchObject({ type: 'result', result });
    expect(events).toContainEqual(expect.objectContaining({ type: 'output', stream: 'stdout', line: 'step 2' }));
    expect(events).toContainEqual(expect.objectContaining({ type: 'metric', key: 'value', value: 2, step: 2 }));
    const recorded = await client.getRun(result.mlflowRunId ?? '');
    expect(recorded).toMatchObject({ info: { status: 'FINISHED' }, data: { params: { values: '3' } } });
    const logged: RunLogEvent[] = [];
    for await (const event of readRunLog(result.runDirectory, { types: ['metric'] })) logged.push(event);
    expect(logged.map((event) => event.type === 'metric' && event.value)).toEqual([1, 2, 3]);
  });

  it('gives a result for a program that fails, too', async () => {
    const result = await launchEcho({ entryPoint: 'fail' });
    expect(result).toMatchObject({ status: 'FAILED', exitCode: 3, exitStatus: 3 });
    expect(result.reason).toContain('exited with code 3');
  });

  it('hands the environment it is given to the agent and the program, and nothing else', async () => {
    vi.stubEnv('ONLY_HERE', 'must not be seen');
    const environment = plainEnvironment({ MLFLOW_TRACKING_URI: server.uri, GIVEN: 'given', ONLY_HERE: undefined });
    writeFileSync(join(project.path, 'env.sh'), 'echo "$GIVEN-$ONLY_HERE"\n');
    const lines: string[] = [];
    const onEvent = (event: LaunchEvent) => event.type === 'output' && lines.push(event.line);
    const result = await launchEcho({ entryPoint: 'env.sh', environment, onEvent });
    vi.unstubAllEnvs();
    expect(result.status).toBe('FINISHED');
    expect(lines).toEqual(['given-']);
  });

  it('stops a run politely when its signal is aborted', async () => {
    const stop = new AbortController();
    const lines: string[] = [];
    const result = await launchEcho({
      entryPoint: 'sleep',
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type !== 'output' || event.stream !== 'stdout') return;
        lines.push(event.line);
        if (event.line === 'started') stop.abort();
      },
    });
    expect(result).toMatchObject({ status: 'KILLED', exitStatus: 130, reason: 'it was stopped on request' });
    expect(lines).toEqual(['started', 'stopping']);
    expect((await client.getRun(result.mlflowRunId ?? '')).info.status).toBe('KILLED');
  });

  it('gives the result of a program that had ended when its signal was aborted', async () => {
    const stop = new AbortController();
    const result = await launchEcho({
      entryPoint: 'log',
      parameters: { values: 3 },
      signal: stop.signal,
      onEvent: (event) => event.type === 'state' && event.state === 'draining' && stop.abort(),
    });
    expect(stop.signal.aborted).toBe(true);
    expect(result).toMatchObject({ status: 'FINISHED', exitCode: 0, metrics: { value: 3 }, drained: true });
  });

  it('stops a run whose watcher has an error of its own, and throws that error', async () => {
    let runDirectory = '';
    const onEvent = (event: LaunchEvent) => {
      if (event.type === 'notice') runDirectory = /\((\S+)\), storage/.exec(event.text)?.[1] ?? runDirectory;
      if (event.type === 'output') throw new RangeError('mine');
    };
    await expect(launchEcho({ entryPoint: 'sleep', onEvent })).rejects.toThrow(new RangeError('mine'));
    const state = JSON.parse(readFileSync(storage.join('runs', runDirectory, 'state.json'), 'utf8'));
    expect(state).toMatchObject({ state: 'killed' });
  });

  it('throws where nothing can be launched, before there is a run', async () => {
    const events: LaunchEvent[] = [];
    const onEvent = (event: LaunchEvent) => events.push(event);
    await expect(launchEcho({ parameters: { text: 'a' }, entryPoint: 'mian', onEvent })).rejects.toThrow(UsageError);
    await expect(launchEcho({ project: '/nowhere', onEvent })).rejects.toMatchObject({ exitCode: 64 });
    const why = new Error('no longer wanted');
    await expect(launchEcho({ signal: AbortSignal.abort(why), onEvent })).rejects.toBe(why);
    expect(events.filter(({ type }) => type === 'state')).toEqual([]);
  });
});

describe('the example of docs/library.md', () => {
  let installed: PackedPackage;

  beforeAll(async () => {
    installed = await packedPackage();
  });
  afterAll(() => installed?.[Symbol.asyncDispose]());

  it('compiles with the types of the package, and does what it says', async () => {
    const slipway = join(installed.package, 'bin', 'slipway');
    const environment = plainEnvironment({ MLFLOW_TRACKING_URI: server.uri, SLIPWAY_STORAGE: storage.path });
    const inFolder = { cwd: installed.path, env: environment };
    await run(slipway, ['init', 'demo'], inFolder);
    const config = installed.join('demo', 'config.yaml');
    const small = { training_samples: 64, validation_samples: 64, image_size: 20 };
    let text = readFileSync(config, 'utf8');
    for (const [name, value] of Object.entries(small)) {
      text = text.replace(new RegExp(`^${name}: .*$`, 'm'), `${name}: ${value}`);
    }
    writeFileSync(config, text);

    const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, 'docs/library.md'), 'utf8')) ?? [];
    writeFileSync(installed.join('main.mts'), example);
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
    const options = [
      '--strict',
      '--noUncheckedIndexedAccess',
      '--exactOptionalPropertyTypes',
      '--skipLibCheck',
      'false',
    ];
    const compiler = join(root, 'node_modules/.bin/tsc');
    await run(compiler, [...options, '--module', 'nodenext', '--target', 'es2022', ...types, 'main.mts'], inFolder);

    const { stdout, stderr } = await run(process.execPath, ['main.mjs'], inFolder);
    expect(stderr).toBe('');
    const auc = String.raw`epoch [12]: [\d.]+\n`;
    expect(stdout).toMatch(
      new RegExp(`^(${auc}){4}convolutions-[23] was best: ${server.uri}/.*\n(it used synthetic-cells-\\w+\n){3}$`),
    );
    const { experimentId = '' } = (await client.getExperimentByName('demo')) ?? {};
    const { items } = await client.searchRuns({ experimentIds: [experimentId] });
    expect(items.map(({ data }) => data.params.convolutions).sort()).toEqual(['2', '3']);
    // Nobody needs the image of a folder that is gone; on a machine without Docker there is none.
    for (const { data } of items) {
      const image = data.tags['mlflow.docker.image.uri'];
      if (image !== undefined) await run('docker', ['rmi', '--force', image]);
    }
  });
});
