import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MlflowClient } from '../../src/mlflow/index.ts';
import {
  type MlflowServer,
  requireDocker,
  type SlipwayEnd,
  slipway,
  startMlflow,
  type TemporaryDirectory,
  temporaryDirectory,
} from '../support/index.ts';
import { type PackedPackage, packedPackage } from '../support/packed-package.ts';
import { recordedRun } from '../support/recorded-run.ts';

let server: MlflowServer;
let client: MlflowClient;
let installed: PackedPackage;
let home: TemporaryDirectory;
let project: string;

beforeAll(async () => {
  server = await startMlflow();
  client = new MlflowClient({ trackingUri: server.uri, environment: {} });
  installed = await packedPackage();
  home = await temporaryDirectory();
  project = home.join('work', 'demo-cells');
  // Where packages come from on this machine is no habit of the person but a property of its network.
  const npmSettings = join(homedir(), '.npmrc');
  if (existsSync(npmSettings)) copyFileSync(npmSettings, home.join('.npmrc'));
  mkdirSync(home.join('work'));
});

afterAll(async () => {
  await client?.close();
  await server?.[Symbol.asyncDispose]();
  await installed?.[Symbol.asyncDispose]();
  await home?.remove();
});

const environment = () => ({ HOME: home.path, XDG_CONFIG_HOME: undefined, MLFLOW_TRACKING_URI: server.uri });

/** By the installed package, where nothing else is said. */
const launch = (words: readonly string[], program = join(installed.package, 'bin', 'slipway')): Promise<SlipwayEnd> =>
  slipway(['run', '--storage', home.join('storage'), ...words], { cwd: project, environment: environment(), program });

/** Changes lines of config.yaml and commits them. */
function configure(values: Readonly<Record<string, string>>): string {
  const file = join(project, 'config.yaml');
  let text = readFileSync(file, 'utf8');
  for (const [name, value] of Object.entries(values)) {
    text = text.replace(new RegExp(`^${name}: .*$`, 'm'), `${name}: ${value}`);
  }
  writeFileSync(file, text);
  const git = (...words: string[]) => execFileSync('git', words, { cwd: project, encoding: 'utf8' }).trim();
  git('-c', 'user.name=Test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '--all', '--message', 'Change');
  return git('rev-parse', 'HEAD');
}

const small = { epochs: '3', training_samples: '64', validation_samples: '64', image_size: '20', convolutions: '1' };

describe('slipway init, from the npm package, in an empty folder and an empty home', () => {
  it('makes a project with a commit, and ends with the command that launches it', async () => {
    const program = join(installed.package, 'bin', 'slipway');
    const end = await slipway(['init', 'demo-cells'], { cwd: home.join('work'), environment: environment(), program });
    expect(end).toMatchObject({ exitCode: 0, stderr: '' });
    expect(end.stdout).toMatch(/Committed to a new git repository as [0-9a-f]{12}/);
    expect(end.stdout.trimEnd().split('\n').slice(-2)).toEqual(['  cd demo-cells', `  ${program} run`]);
    expect(readdirSync(project).sort()).toEqual(['.git', '.gitignore', 'MLproject', 'README.md', 'config.yaml']);
  });

  it('makes one of the current, empty folder too, and answers in JSON', async () => {
    const cwd = home.join('Other Cells');
    mkdirSync(cwd);
    const end = await slipway(['init', '--json', '--no-git'], { cwd, environment: environment() });
    const files = ['MLproject', 'config.yaml', 'README.md', '.gitignore'];
    expect(JSON.parse(end.stdout)).toEqual({
      name: 'other-cells',
      directory: cwd,
      files,
      commit: null,
      next: [expect.stringMatching(/slipway run$/)],
    });
    expect(readdirSync(cwd).sort()).toEqual(files.toSorted());
  });

  it('says what git said where a hook refuses the commit that --git asks for, and exits with 1', async () => {
    const cwd = home.join('team');
    mkdirSync(cwd);
    execFileSync('git', ['init', '--quiet'], { cwd });
    writeFileSync(join(cwd, '.git/hooks/pre-commit'), '#!/bin/sh\necho no commits today\nexit 1\n', { mode: 0o755 });
    const end = await slipway(['init', 'cells', '--git'], { cwd, environment: environment() });
    expect(end.exitCode).toBe(1);
    expect(end.stdout).toContain(`Nothing is committed: its files are added to the git repository ${cwd}.`);
    expect(end.stderr).toMatch(
      /^✗ cells is made, but git did not commit it, as --git asks: no commits today\.\n {2}→ /,
    );
    expect(readdirSync(join(cwd, 'cells'))).toContain('MLproject');
  });

  it('overwrites nothing when it is called again', async () => {
    const end = await slipway(['init', 'demo-cells'], { cwd: home.join('work'), environment: environment() });
    expect(end).toMatchObject({ exitCode: 64, stdout: '' });
    expect(end.stderr).toContain('it holds .gitignore, MLproject, README.md and 1 more');
  });

  it.each([
    ['a key', { epochs: '5\nepoch: 3' }, [], /config\.yaml, line \d+, column 1: There is no parameter named epoch\./],
    ['a value', { epochs: 'many' }, [], /config\.yaml, line \d+, column 1: Parameter epochs is 'many'/],
    ['a parameter', {}, ['-P', 'epoch=3'], /There is no parameter named epoch\./],
  ])('refuses %s that is wrong before anything is launched', async (_what, wrong, words, message) => {
    const file = join(project, 'config.yaml');
    const before = readFileSync(file, 'utf8');
    for (const [name, value] of Object.entries(wrong)) {
      writeFileSync(file, before.replace(new RegExp(`^${name}: .*$`, 'm'), `${name}: ${value}`));
    }
    const end = await launch(words);
    writeFileSync(file, before);
    expect(end).toMatchObject({ exitCode: 64, stdout: '' });
    expect(end.stderr).toMatch(message);
    if (message.source.includes('named')) expect(end.stderr).toContain('Did you mean epochs?');
    expect(existsSync(home.join('storage', 'runs'))).toBe(false);
  });
});

describe('the new project in Docker', () => {
  let first: SlipwayEnd;
  let image: string;

  beforeAll(async () => {
    await requireDocker();
    image = `demo-cells:${configure({ ...small, batch_size: '16' }).slice(0, 12)}`;
    first = await launch(['--engine', 'docker', '--run-name', 'first', '-P', 'epochs=1']);
  });
  afterAll(() => {
    if (image !== undefined) execFileSync('docker', ['rmi', '--force', image], { stdio: 'ignore' });
  });

  it('trains in an image of the commit on that of the trainer, without a warning', async () => {
    expect(first).toMatchObject({ exitCode: 0 });
    expect(first.stderr).not.toContain('warning');
    const run = await recordedRun(client, 'demo-cells', 'first');
    expect(run.info.status).toBe('FINISHED');
    expect(run.data.tags['mlflow.docker.image.uri']).toBe(image);
    const strict = ['image', 'inspect', '--format', '{{index .Config.Labels "slipway.strict"}}', image];
    expect(execFileSync('docker', strict, { encoding: 'utf8' })).toBe('true\n');
  });

  it('takes a value from the command line, else from the file, else from the trainer', async () => {
    const { data } = await recordedRun(client, 'demo-cells', 'first');
    expect(data.params).toMatchObject({
      config: 'config.yaml',
      epochs: '1',
      batch_size: '16',
      training_samples: '64',
      run_name: '',
      learning_rate: '0.001',
    });
    expect(Object.keys(data.tags).filter((key) => key.startsWith('slipway.param_conflict'))).toEqual([]);
    expect(await client.metricHistory(await runIdOf('first'), 'loss')).toHaveLength(1);
  });

  it('builds nothing the second time, also when a clone of Slipway launches it', async () => {
    const end = await slipway(['run', '--storage', home.join('storage'), '-P', 'epochs=1', '--run-name', 'second'], {
      cwd: project,
      environment: environment(),
    });
    expect(end.exitCode).toBe(0);
    expect(end.stderr).toMatch(new RegExp(`✓ image ${image} +reused`));
    expect(end.stderr).not.toMatch(/slipway-trainer|Sending|step \d/);
  });
});

describe('the new project on the host', () => {
  it('trains by the same command, with what the file says', async () => {
    configure({ ...small, seed: '2' });
    const end = await launch(['--engine', 'host', '--run-name', 'host', '-P', 'batch-size=8', '-P', 'epochs=2']);
    expect(end).toMatchObject({ exitCode: 0 });
    const { info, data } = await recordedRun(client, 'demo-cells', 'host');
    expect(info.status).toBe('FINISHED');
    expect(data.params).toMatchObject({ epochs: '2', batch_size: '8', image_size: '20', seed: '2' });
    expect(data.params).not.toHaveProperty('batch-size');
    expect(Object.keys(data.tags).filter((key) => key.startsWith('slipway.param_conflict'))).toEqual([]);
  });
});

describe('a project with classes of its own', () => {
  let striped: string;
  const own = ['-P', 'epochs=2', '-P', 'data_loader.images=90', '-P', 'model_builder.filters=4'];
  const launchStriped = (...words: string[]): Promise<SlipwayEnd> =>
    slipway(['run', '--storage', home.join('storage'), ...own, ...words], {
      cwd: striped,
      environment: environment(),
      program: join(installed.package, 'bin', 'slipway'),
    });

  beforeAll(async () => {
    striped = home.join('work', 'striped');
    const words = ['init', 'striped', '--components'];
    const end = await slipway(words, { cwd: home.join('work'), environment: environment() });
    expect(end).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('trains them on the host, with the parameters that they say they take', async () => {
    const end = await launchStriped('--engine', 'host', '--run-name', 'on-host');
    expect(end).toMatchObject({ exitCode: 0 });
    await expectOwnClasses('on-host');
    expect(readdirSync(striped).sort()).toEqual(
      ['.git', '.gitignore', 'MLproject', 'README.md', 'config.yaml', 'runs', 'src'].sort(),
    );
  });

  it('refuses on the host, before anything is launched, a file that throws', async () => {
    writeFileSync(join(striped, 'src', 'throws.ts'), "const why: string = 'no';\nthrow new Error(why);\n");
    const end = await launchStriped('--engine', 'host', '-P', 'evaluator_class=throws.Mine');
    rmSync(join(striped, 'src', 'throws.ts'));
    expect(end).toMatchObject({ exitCode: 64, stdout: '' });
    expect(end.stderr).toContain(`${join(striped, 'src', 'throws.ts')}, line 2: Error: no`);
  });

  it('trains them in Docker, in the image of the commit', async () => {
    await requireDocker();
    const end = await launchStriped('--engine', 'docker', '--run-name', 'in-docker');
    expect(end).toMatchObject({ exitCode: 0 });
    expect(end.stderr).not.toContain('warning');
    const { data } = await expectOwnClasses('in-docker');
    execFileSync('docker', ['rmi', '--force', data.tags['mlflow.docker.image.uri'] as string], { stdio: 'ignore' });
  });

  async function expectOwnClasses(name: string) {
    const run = await recordedRun(client, 'striped', name);
    expect(run.info.status).toBe('FINISHED');
    expect(run.data.params).toMatchObject({
      data_loader_class: 'dataset.StripesLoader',
      'data_loader.images': '90',
      'data_loader.noise': '0.2',
      'model_builder.filters': '4',
      'evaluator.sure_from': '0.8',
    });
    expect(Object.keys(run.data.tags).filter((key) => key.startsWith('slipway.param_conflict'))).toEqual([]);
    return run;
  }
});

async function runIdOf(name: string): Promise<string> {
  return (await recordedRun(client, 'demo-cells', name)).info.runId;
}
