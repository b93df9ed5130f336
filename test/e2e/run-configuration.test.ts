import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MlflowClient } from '../../src/mlflow/index.ts';
import { type SlipwayEnd, slipway, type TemporaryDirectory } from '../support/index.ts';
import { recordedArtifacts, recordedRun } from '../support/recorded-run.ts';
import { TrackedFolder } from '../support/tracked-folder.ts';

const mlproject = `name: cells-of-files
docker_env: {image: slipway-trainer}
entry_points:
  main:
    parameters:
      epochs: {type: int, default: 4}
      batch: {type: int, default: 16}
      dropout: {type: float, default: 0.5}
      rate: {type: float, default: 1e-3}
    command: >-
      slipway-train --epochs {epochs} --batch-size {batch} --model_builder.dropout_rate {dropout}
      --learning-rate {rate} --training-samples 64 --validation-samples 64 --image-size 20 --convolutions 1
  other:
    command: "true"
`;
const wide = `# A wider look.
project_name: cells of a file
epochs: 2
seed: 3
model_builder:
  dropout_rate: 0.25
training:
  learning_rate: 0.01
  optimizer: sgd
`;

let tracked: TrackedFolder;
let client: MlflowClient;
let folder: TemporaryDirectory;
let project: string;

beforeAll(async () => {
  tracked = await TrackedFolder.open();
  ({ client, folder } = tracked);
  project = folder.join('cells');
  mkdirSync(join(project, 'runs', 'wide'), { recursive: true });
  writeFileSync(join(project, 'MLproject'), mlproject);
  writeFileSync(join(project, '.gitignore'), 'ignored.yaml\n');
  writeFileSync(join(project, 'ignored.yaml'), 'epochs: 1\n');
  writeFileSync(join(project, 'runs', 'wide', 'config.yaml'), wide);
  git(project, 'init', '--quiet', '--initial-branch=main');
  git(project, 'add', '--all');
  git(project, '-c', 'user.name=Test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '--message', 'First');
});

afterAll(() => tracked?.[Symbol.asyncDispose]());

const git = (cwd: string, ...words: string[]): string => execFileSync('git', words, { cwd, encoding: 'utf8' }).trim();

const launch = (cwd: string, ...words: string[]): Promise<SlipwayEnd> =>
  slipway(['run', '--engine', 'host', '--storage', folder.join('storage'), ...words], {
    cwd,
    environment: { MLFLOW_TRACKING_URI: tracked.server.uri, MLFLOW_EXPERIMENT_NAME: undefined },
  });

const conflicts = (tags: Readonly<Record<string, string>>): string[] =>
  Object.keys(tags).filter((key) => key.startsWith('slipway.param_conflict'));

describe('a run named as a folder of runs', () => {
  it('has its configuration: over the defaults of the MLproject, and under what is typed', async () => {
    const end = await launch(project, '--run-name', 'wide', '-P', 'seed=7', '-P', 'model_builder.dense_units=8');
    expect(end).toMatchObject({ exitCode: 0 });
    expect(end.stderr).toContain("configuration runs/wide/config.yaml, that of the run's name");
    const run = await recordedRun(client, 'cells of a file', 'wide');
    expect(run.data.params).toMatchObject({
      config: 'runs/wide/config.yaml',
      epochs: '2',
      seed: '7',
      batch: '16',
      batch_size: '16',
      dropout: '0.25',
      'model_builder.dropout_rate': '0.25',
      'model_builder.dense_units': '8',
      rate: '0.01',
      learning_rate: '0.01',
      'training.optimizer': 'sgd',
    });
    expect(conflicts(run.data.tags)).toEqual([]);
    expect(await client.metricHistory(run.info.runId, 'loss')).toHaveLength(2);
    expect(run.data.tags['mlflow.source.git.commit']).toBe(git(project, 'rev-parse', 'HEAD'));
    expect(await recordedArtifacts(client, run)).toEqual(expect.arrayContaining(['config.json', 'source/config.yaml']));
    const kept = join(folder.join('storage'), 'runs', run.data.tags['slipway.id'] ?? '', 'inputs', 'config.yaml');
    expect(readFileSync(kept, 'utf8')).toBe(wide);
  });

  it('has it from a clone of the repository, and what is typed for a declared parameter wins over the file', async () => {
    const clone = folder.join('clone');
    git(folder.path, 'clone', '--quiet', pathToFileURL(project).href, clone);
    const end = await launch(clone, '--run-name', 'wide', '-P', 'epochs=1', '-P', 'rate=0.1');
    expect(end).toMatchObject({ exitCode: 0 });
    // What is typed next must find the experiment, which the MLproject does not name.
    expect(end.stdout + end.stderr).toContain("runs --experiment 'cells of a file'");
    const experiment = await client.getExperimentByName('cells of a file');
    const filter = "params.epochs = '1'";
    const found = await client.searchRuns({ experimentIds: [experiment?.experimentId ?? ''], filter });
    expect(found.items).toHaveLength(1);
    const { data } = await client.getRun(found.items[0]?.info.runId ?? '');
    expect(data.params).toMatchObject({ epochs: '1', rate: '0.1', learning_rate: '0.1', dropout: '0.25', seed: '3' });
    expect(conflicts(data.tags)).toEqual([]);
  });

  it('has it from the address of a repository, at a version and in a folder, and goes on from there', async () => {
    const team = folder.join('team');
    mkdirSync(join(team, 'projects'), { recursive: true });
    cpSync(project, join(team, 'projects', 'cells'), { recursive: true });
    rmSync(join(team, 'projects', 'cells', '.git'), { recursive: true });
    git(team, 'init', '--quiet', '--initial-branch=main');
    const commit = (message: string): void => {
      git(team, 'add', '--all');
      git(team, '-c', 'user.name=T', '-c', 'user.email=t@example.com', 'commit', '--quiet', '--message', message);
    };
    commit('First');
    git(team, 'tag', 'v1');
    const first = git(team, 'rev-parse', 'HEAD');
    rmSync(join(team, 'projects', 'cells', 'MLproject'));
    commit('Second');
    const address = `${pathToFileURL(team).href}#projects/cells`;
    const words = ['--version', 'v1', '--run-name', 'wide', '--experiment-name', 'by address'];
    const end = await launch(folder.path, address, ...words);
    expect(end, end.stderr).toMatchObject({ exitCode: 0 });
    expect(end.stderr).toContain(`project cloned at ${first.slice(0, 12)} (v1)`);
    const run = await recordedRun(client, 'by address', 'wide');
    expect(run.data.params).toMatchObject({ epochs: '2', 'training.optimizer': 'sgd' });
    expect(run.data.tags).toMatchObject({ 'mlflow.source.name': address, 'mlflow.source.git.commit': first });

    const more = await launch(folder.path, '--resume', run.data.tags['slipway.id'] ?? '', '-P', 'epochs=3');
    expect(more, more.stderr).toMatchObject({ exitCode: 0 });
    expect(await client.metricHistory(run.info.runId, 'loss')).toHaveLength(3);

    const refusals = [
      [[address], 'There is no MLproject file in '],
      [[address, '--version', 'v2'], 'has no branch, tag or commit v2.'],
      [[`${pathToFileURL(team).href}#none`, '--version', 'v1'], 'has no folder none at commit '],
      [[`${pathToFileURL(folder.join('nowhere')).href}`], 'There is no git repository at '],
      [['https://someone:secret@host.example/team.git'], 'The address of the repository holds a login'],
    ] as const;
    for (const [given, message] of refusals) {
      const refused = await launch(folder.path, ...given);
      expect(refused.exitCode, message).not.toBe(0);
      expect(refused.stderr).toContain(message);
      expect(refused.stderr).not.toContain('secret');
    }
  });

  it('has another where --config names one, and none where its name has none', async () => {
    mkdirSync(join(project, 'settings'));
    writeFileSync(join(project, 'settings', 'short.yaml'), 'epochs: 1\n');
    expect(await launch(project, '--run-name', 'wide', '--config', 'settings/short.yaml')).toMatchObject({
      exitCode: 0,
    });
    const { data } = await recordedRun(client, 'cells-of-files', 'wide');
    expect(data.params).toMatchObject({ config: 'settings/short.yaml', epochs: '1', dropout: '0.5', rate: '1e-3' });
    expect(data.tags.dirty).toBe('true');
    expect(conflicts(data.tags)).toEqual([]);
  });
});

describe('a configuration that cannot be', () => {
  it.each([
    [
      'a key',
      'epochs: 3\nepoch: 4\n',
      /line 2, column 1: There is no parameter named epoch\.[\s\S]*Did you mean epochs\?/,
    ],
    ['a value', 'batch_size: 0\n', /line 1, column 1: Parameter batch_size is 0, but must be from 1 to 4096\./],
    ['a setting', 'training:\n  learning_rat: 1\n', /line 2, column 3: [\s\S]*Did you mean training\.learning_rate\?/],
    ['a name', 'epochs: 1\nproject_name: [a]\n', /line 2, column 1: project_name must be a single text/],
    ['a key near it', 'project_nam: a\n', /line 1, column 1: [\s\S]*Did you mean project_name\?/],
  ])('is refused before anything starts, with its line: %s', async (_what, text, message) => {
    mkdirSync(join(project, 'runs', 'wrong'), { recursive: true });
    writeFileSync(join(project, 'runs', 'wrong', 'config.yaml'), text);
    const end = await launch(project, '--run-name', 'wrong');
    expect(end).toMatchObject({ exitCode: 64, stdout: '' });
    expect(end.stderr).toContain('runs/wrong/config.yaml, line');
    expect(end.stderr).toMatch(message);
  });

  it.each([
    [['--config', 'none.yaml'], /The configuration file none\.yaml does not exist in the project/],
    [['--config', '../outside.yaml'], /lies outside the project/],
    [['--config', 'ignored.yaml'], /is no part of the project's code/],
    [['--config', 'runs'], /The configuration runs is no file/],
    [['--config', 'MLproject', '-P', 'config=MLproject'], /The configuration is given twice/],
    [['-e', 'other', '--config', 'runs/wide/config.yaml'], /entry point other of \S+ runs a program of its own/],
  ])('is refused in a sentence: %j', async (words, message) => {
    writeFileSync(folder.join('outside.yaml'), 'epochs: 1\n');
    const end = await launch(project, ...words);
    expect(end).toMatchObject({ exitCode: 64, stdout: '' });
    expect(end.stderr).toMatch(message);
  });
});
