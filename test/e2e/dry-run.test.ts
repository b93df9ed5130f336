import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DryRun } from '../../src/launch/dry-run.ts';
import { slipway, startSlipway, type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';
import { TrackedProject } from '../support/tracked-project.ts';

let home: TemporaryDirectory;
let tracked: TrackedProject;

beforeAll(async () => {
  tracked = await TrackedProject.open('echo', 'docker');
  home = await temporaryDirectory();
  writeFileSync(home.join('key'), 'the key\n', { mode: 0o600 });
  writeFileSync(home.join('variables.env'), 'FILE_TOKEN=file-token-w7x3\nMODE=production\n');
});

afterAll(async () => {
  await home?.[Symbol.asyncDispose]();
  await tracked?.[Symbol.asyncDispose]();
});

const environment = () => ({ MLFLOW_TRACKING_URI: tracked.server.uri, NAMED: 'named-value' });
const storage = () => home.join('storage');
const words = (...more: string[]): string[] => [
  ...['run', tracked.project.path, '--storage', storage(), '--env', 'NAMED', '--env-file', home.join('variables.env')],
  ...['--secret', `key=${home.join('key')}`, '--cpus', '1.5', '--memory', '512m', '--shm-size', '32m', ...more],
];

const dryRun = async (...all: readonly string[]): Promise<DryRun> => {
  const end = await slipway([...all, '--dry-run', '--json'], { environment: environment() });
  expect(end.exitCode, end.stderr).toBe(0);
  return JSON.parse(end.stdout) as DryRun;
};

const inspect = (container: string) =>
  (JSON.parse(execFileSync('docker', ['inspect', container], { encoding: 'utf8' })) as [Inspected])[0];

interface Inspected {
  readonly Name: string;
  readonly Args: readonly string[];
  readonly Config: { Env: string[]; User: string; Labels: Record<string, string>; Image: string; Cmd: string[] };
  readonly HostConfig: {
    Mounts: { Type: string; Source?: string; Target: string; ReadOnly?: boolean }[];
    NetworkMode: string;
    NanoCpus: number;
    Memory: number;
    ShmSize: number;
    PidsLimit: number;
    ReadonlyRootfs: boolean;
    CapDrop: string[] | null;
  };
}

test('what a dry run prints is what runs, and it makes nothing', async () => {
  const reference = `echo:${tracked.project.commit.slice(0, 12)}`;
  const said = await dryRun(...words('-e', 'sleep', '--run-name', 'twin'));
  expect(existsSync(storage())).toBe(false);
  expect(execFileSync('docker', ['images', '-q', reference], { encoding: 'utf8' })).toBe('');
  expect(await tracked.client.getExperimentByName('echo')).toBeNull();
  expect(said).toMatchObject({
    engine: { name: 'docker' },
    image: { reference, action: 'build', id: null },
    server: { uri: tracked.server.uri, kind: 'named', experiment: { name: 'echo', id: null, state: 'made' } },
  });
  expect(JSON.stringify(said)).not.toMatch(/file-token-w7x3|named-value|production|the key/);

  const running = startSlipway(words('-e', 'sleep', '--run-name', 'twin'), { environment: environment() });
  try {
    await running.until('started');
    const runId = readdirSync(join(storage(), 'runs'))[0] ?? '';
    const asRun = JSON.parse(JSON.stringify(said).replaceAll(said.runId, runId)) as DryRun;
    const { container } = asRun;
    if (container === null) throw new Error('it has no container');
    const real = inspect(container.name);
    const imageVariables = execFileSync('docker', [
      'inspect',
      '-f',
      '{{range .Config.Env}}{{println .}}{{end}}',
      real.Config.Image,
    ]);
    const ofImage = String(imageVariables).split('\n');
    const names = real.Config.Env.filter((entry) => !ofImage.includes(entry)).map((entry) => entry.split('=')[0]);
    expect(container.environment).toEqual(names.sort());
    expect(container).toMatchObject({
      user: real.Config.User,
      command: real.Config.Cmd,
      network: real.HostConfig.NetworkMode,
    });
    expect(container.readOnlyRoot).toBe(real.HostConfig.ReadonlyRootfs);
    expect(container.capabilities).toBe(real.HostConfig.CapDrop === null ? 'of the engine' : 'none');
    expect(real.Config.Labels).toMatchObject(container.labels);
    const { NanoCpus, Memory, ShmSize, PidsLimit, Mounts } = real.HostConfig;
    const [memoryMiB, shmMiB] = [Memory / 2 ** 20, ShmSize / 2 ** 20];
    expect(container.limits).toEqual({ cpus: NanoCpus / 1e9, memoryMiB, shmMiB, pids: PidsLimit });
    expect(container.mounts.map(({ source, target, readOnly }) => ({ source, target, readOnly }))).toEqual(
      Mounts.map(({ Source = null, Target, ReadOnly = false }) => ({
        source: Source,
        target: Target,
        readOnly: ReadOnly,
      })),
    );

    const experiment = await tracked.client.getExperimentByName('echo');
    const [run] = (await tracked.client.searchRuns({ experimentIds: [experiment?.experimentId ?? ''] })).items;
    const image = execFileSync('docker', ['inspect', '-f', '{{.Id}}', asRun.image?.reference ?? ''], {
      encoding: 'utf8',
    });
    await expect
      .poll(async () => (await tracked.client.getRun(run?.info.runId ?? '')).data.tags)
      .toMatchObject({
        ...asRun.tags,
        'mlflow.docker.image.id': image.trim(),
      });
    const { data, info } = await tracked.client.getRun(run?.info.runId ?? '');
    const { 'mlflow.note.content': _note, 'mlflow.runName': _name, ...tags } = data.tags;
    expect(Object.keys(tags).sort()).toEqual(Object.keys(asRun.tags).sort());
    expect(data.params).toEqual(asRun.parameters);
    expect(info.runName).toBe(asRun.runName);

    // What is there now is used again, and said so.
    const again = await dryRun(...words('--run-name', 'third'));
    expect(again.image).toMatchObject({ action: 'reuse', id: image.trim() });
    expect(again.server.experiment).toEqual({ name: 'echo', id: experiment?.experimentId, state: 'exists' });
    expect(readdirSync(join(storage(), 'runs'))).toEqual([runId]);
  } finally {
    running.child.kill('SIGINT');
    await running.ended;
  }

  const attempt = await dryRun('run', '--resume', 'twin', '--storage', storage());
  expect(attempt).toMatchObject({
    attempt: 2,
    image: { action: 'reuse', reason: 'it is that of the attempts before' },
  });
  expect(attempt.container?.name).toMatch(/-2$/);
  expect(attempt.secretFiles).toEqual({ key: home.join('key') });
  expect(existsSync(join(attempt.runFolder, 'attempts'))).toBe(false);
});

test('a person reads it as lines; an address of a repository is cloned for it and left nowhere', async () => {
  const clone = home.join('bare.git');
  execFileSync('git', ['clone', '--quiet', '--bare', tracked.project.path, clone]);
  const empty = home.join('empty');
  const end = await slipway(['run', `file://${clone}`, '--storage', empty, '--engine', 'host', '--dry-run'], {
    environment: environment(),
  });
  expect(end.exitCode, end.stderr).toBe(0);
  expect(end.stdout).toContain('Dry run: nothing was made.');
  expect(end.stdout).toMatch(
    new RegExp(`^ {2}project +file://${clone} \\(commit ${tracked.project.commit.slice(0, 12)}, branch main\\)$`, 'm'),
  );
  expect(end.stdout).toMatch(/^ {2}engine +host: asked for with --engine host$/m);
  expect(end.stdout).toMatch(
    new RegExp(`^ {2}folder +${empty}/cache/projects/[0-9a-f]+/${tracked.project.commit}$`, 'm'),
  );
  expect(end.stderr).toContain('The run executes directly on this machine (--engine host).');
  expect(existsSync(empty)).toBe(false);
});

test.each([
  [['-e', 'nowhere'], /nowhere/],
  [['--secret', 'key=/nowhere'], /The file of the secret key/],
  [['--experiment-id', '4711'], /4711/],
])('what would fail the launch fails the dry run: %j', async (more, message) => {
  const all = ['run', tracked.project.path, '--storage', home.join('none'), '--engine', 'host', '--dry-run', ...more];
  const end = await slipway(all, { environment: environment() });
  expect([end.exitCode === 0, end.stderr]).toEqual([false, expect.stringMatching(message)]);
  expect(existsSync(home.join('none'))).toBe(false);
});
