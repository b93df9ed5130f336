import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MlflowClient } from '../../src/mlflow/index.ts';
import { startFaultyProxy } from '../support/faulty-proxy.ts';
import {
  type GitProject,
  gitProject,
  type MlflowServer,
  type SlipwayOptions,
  slipway,
  startMlflow,
  type TemporaryDirectory,
  temporaryDirectory,
} from '../support/index.ts';

let server: MlflowServer;
let client: MlflowClient;
let project: GitProject;
let storage: TemporaryDirectory;
let elsewhere: TemporaryDirectory;

const atHome = (options: SlipwayOptions = {}): SlipwayOptions => ({
  cwd: project.path,
  ...options,
  environment: { MLFLOW_TRACKING_URI: server.uri, ...options.environment },
});
const runs = (words: readonly string[], options: SlipwayOptions = {}) => slipway(['runs', ...words], atHome(options));
const launch = (...words: string[]) =>
  slipway(['run', '.', '--storage', storage.path, '--engine', 'host', ...words], atHome());

/** The names in the first column of a table. */
const namesIn = (table: string) =>
  table
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(' ')[0]);

beforeAll(async () => {
  server = await startMlflow();
  client = new MlflowClient({ trackingUri: server.uri, environment: {} });
  storage = await temporaryDirectory();
  elsewhere = await temporaryDirectory();
  project = await gitProject('echo');
  for (const words of [
    ['--run-name', 'first', '-e', 'log', '-P', 'values=4'],
    ['--run-name', 'second', '-e', 'log', '-P', 'values=2'],
    ['--run-name', 'broken', '-e', 'fail'],
  ]) {
    await launch(...words);
  }
});

afterAll(async () => {
  await client?.close();
  await project?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  await storage?.[Symbol.asyncDispose]();
  await elsewhere?.[Symbol.asyncDispose]();
});

describe('slipway runs', () => {
  test("lists the runs of this project's experiment, the newest first, the best value marked", async () => {
    const { exitCode, stdout, stderr } = await runs([]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^name +id +state +age +took +value +values +commit +who\n/);
    expect(namesIn(stdout)).toEqual(['broken', 'second', 'first']);
    expect(stdout).toMatch(/^broken +\w{8} +failed /m);
    expect(stdout).toMatch(new RegExp(`^first +\\w{8} +finished .* 4\\* +4 +${project.commit.slice(0, 8)} `, 'm'));
  });

  test('answers in JSON with the shape that is documented', async () => {
    const { stdout } = await runs(['--json', '--limit', '2']);
    const answer = JSON.parse(stdout);
    expect(answer).toMatchObject({
      server: server.uri,
      experiment: { name: 'echo', isDeleted: false, url: expect.stringContaining('/#/experiments/') },
      primaryMetric: 'value',
      hasMore: true,
      runs: [
        { runName: 'broken', status: 'FAILED', reason: expect.stringContaining('exited with code 3') },
        {
          runName: 'second',
          status: 'FINISHED',
          runId: expect.stringMatching(/^\d{8}-\d{6}-[0-9a-z]{4}$/),
          metrics: { value: 2 },
          parameters: { values: '2' },
          source: { commit: project.commit, isDirty: false, entryPoint: 'log' },
          engine: 'host',
        },
      ],
    });
  });

  test('sorts by a metric and filters, and warns of a metric that no run has', async () => {
    expect(namesIn((await runs(['--sort', 'value', '--limit', '1'])).stdout)).toEqual(['first']);
    expect(namesIn((await runs(['--filter', 'metrics.value < 3'])).stdout)).toEqual(['second']);
    expect(namesIn((await runs(['--filter', 'FIR'])).stdout)).toEqual(['first']);
    expect((await runs(['--sort', 'vlaue'])).stderr).toMatch(/has the metric vlaue; did you mean value\?/);
    const wrong = await runs(['--filter', 'bogus = 3']);
    expect(wrong.exitCode).toBe(64);
    expect(wrong.stderr).toMatch(/^✗ The filter "bogus = 3" is not understood by the tracking server: /);
  });

  test('takes runs that something else made, and shows deleted ones when asked to', async () => {
    const experimentId = await client.createExperiment({ name: 'mixed' });
    for (const runName of ['foreign', 'deleted']) {
      const { info } = await client.createRun({ experimentId, runName, startTimeMs: Date.now() });
      const metrics = [{ key: 'val_auc', value: Number.NaN, step: 0, timestampMs: Date.now() }];
      await client.logBatch(info.runId, { metrics });
      if (runName === 'deleted') await client.deleteRun(info.runId);
    }
    const inMixed = (...words: string[]) => runs(['--experiment', 'mixed', ...words], { cwd: elsewhere.path });
    expect(namesIn((await inMixed()).stdout)).toEqual(['foreign']);
    expect((await inMixed('--all')).stdout).toMatch(/^deleted +\w{8} +deleted /m);
    expect(namesIn((await runs(['--experiment', experimentId], { cwd: elsewhere.path })).stdout)).toEqual(['foreign']);
    await client.deleteExperiment(experimentId);
    const end = await inMixed();
    expect(end.stderr).toMatch(
      /! warning: The experiment mixed is deleted\. To bring it back:\s+`.*slipway runs --experiment mixed\s+--restore-experiment`/,
    );
    expect(namesIn(end.stdout)).toContain('foreign');
    const restored = await inMixed('--restore-experiment');
    expect(restored.stderr).toContain('The experiment mixed was deleted, and is brought back with its runs.');
    expect(namesIn(restored.stdout)).toContain('foreign');
    expect((await client.getExperiment(experimentId)).lifecycleStage).toBe('active');
    expect((await inMixed('--restore-experiment')).stderr).not.toContain('deleted');
  });

  test('says that there is nothing yet, on standard error, and ends well', async () => {
    await client.createExperiment({ name: 'empty' });
    const end = await runs(['--experiment', 'empty']);
    expect(end).toMatchObject({ exitCode: 0, stdout: '' });
    expect(end.stderr).toMatch(/^• The experiment empty on http\S+ has no runs yet\.\n$/);
    const never = await runs([], { environment: { MLFLOW_EXPERIMENT_NAME: 'not-run-yet' } });
    expect(never).toMatchObject({ exitCode: 0, stdout: '' });
  });

  test('lists the experiments of Slipway where there is no project, and suggests one that was misspelt', async () => {
    const end = await runs([], { cwd: elsewhere.path });
    expect(end.stdout).toMatch(/^experiment +id +runs +last run\necho +\d+ +3 +\d+ \w+ ago\n$/);
    const wrong = await runs(['--experiment', 'ehco']);
    expect(wrong.exitCode).toBe(64);
    expect(wrong.stderr).toMatch(/has no experiment ehco; did you mean echo\?\n {2}→ It has /);
  });

  test('needs a server, and makes nothing where there is none', async () => {
    const folder = elsewhere.join('nothing');
    const away = await slipway(['runs', '--storage', folder], { cwd: project.path });
    expect(away.exitCode).toBe(69);
    expect(away.stderr).toMatch(/^✗ No tracking server is named, .*\n {2}→ Name one with MLFLOW_TRACKING_URI/);
    expect(existsSync(folder)).toBe(false);
    const silent = await runs([], { environment: { MLFLOW_TRACKING_URI: 'http://127.0.0.1:1' } });
    expect(silent.exitCode).toBe(69);
    expect(silent.stderr).toMatch(/does not answer: nothing accepts connections there/);
  });
});

describe('slipway runs show', () => {
  const show = (text: string, ...words: string[]) => runs(['show', text, '--storage', storage.path, ...words]);

  test('tells all about a run by its name, by either id, and by the start of them', async () => {
    const shown = JSON.parse((await show('first', '--json')).stdout);
    expect(shown).toMatchObject({
      server: server.uri,
      run: { runName: 'first', status: 'FINISHED' },
      experimentName: 'echo',
      defaultParameters: [],
      metrics: { value: { last: 4, lastStep: 4, best: 4, bestStep: 4 } },
      primaryMetric: { key: 'value', steps: [1, 2, 3, 4], values: [1, 2, 3, 4] },
      artifacts: [{ path: 'logs', isDirectory: true }, { path: 'logs/stdout.log' }],
      hasMoreArtifacts: false,
      models: [],
      folder: { directory: join(storage.path, 'runs', shown.run.runId), isOnServer: true, state: 'finished' },
      again: ['run', '.', '-e', 'log', '-P', 'values=4', '--engine', 'host'],
    });
    const { runId, mlflowRunId } = shown.run;
    for (const text of [runId, mlflowRunId, mlflowRunId.slice(0, 8)]) {
      expect(JSON.parse((await show(text, '--json')).stdout).run.runName).toBe('first');
    }
    const several = await show(runId.slice(0, 8));
    expect(several.exitCode).toBe(64);
    expect(several.stderr).toMatch(/means several runs: .*\(broken\).*\(first\)/);
  });

  test('says why a run failed, and gives a command that runs it again as it is', async () => {
    const { stdout } = await show('broken');
    expect(stdout).toMatch(/^FAILED {2}broken\n {2}reason {5}the program exited with code 3: about to fail\n/);
    const again = /^ +(\S+slipway run .*)$/m.exec(stdout)?.[1]?.split(' ').slice(1) ?? [];
    const end = await slipway([...again, '--storage', storage.path], atHome());
    expect(end.exitCode).toBe(3);
  });

  test('suggests the run that was meant, and shows the newest of several of one name', async () => {
    const wrong = await show('secnod');
    expect(wrong.exitCode).toBe(64);
    expect(wrong.stderr).toMatch(/^✗ No run "secnod" .*; did you mean second\?/);
    await launch('--run-name', 'first');
    const twice = await show('first');
    expect(twice.stderr).toContain('Several runs are called first');
    expect(twice.stdout).toContain('by default: text=hello');
  });

  test('finds a run whose name has both kinds of quotes, and no other', async () => {
    const { experimentId } = (await client.getExperimentByName('echo'))!;
    const names = [`it's "mine"`, `it"s 'mine'`];
    for (const runName of names) await client.createRun({ experimentId, runName, startTimeMs: Date.now() });
    for (const name of names) expect(JSON.parse((await show(name, '--json')).stdout).run.runName).toBe(name);
    expect((await show(`it's "yours"`)).exitCode).toBe(64);
  });

  test('shows a run whose artifacts cannot be listed, and says so', async () => {
    await using proxy = await startFaultyProxy(server.uri);
    const throughProxy = { environment: { MLFLOW_TRACKING_URI: proxy.uri } };
    proxy.fault = { path: '/artifacts/list', status: 500 };
    const { exitCode, stdout } = await runs(['show', 'second', '--storage', storage.path], throughProxy);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^FINISHED {2}second\n/);
    expect(stdout).toMatch(/\n {2}artifacts\n {4}! they could not be listed: /);
    const inJson = await runs(['show', 'second', '--storage', storage.path, '--json'], throughProxy);
    expect(JSON.parse(inJson.stdout)).toMatchObject({
      artifacts: [],
      artifactsProblem: expect.stringMatching(/not now\.$/),
    });
    proxy.fault = { path: '/runs/search', status: 500 };
    const fromFolder = await runs(['show', 'second', '--storage', storage.path], throughProxy);
    expect(fromFolder.stderr.replace(/\s+/g, ' ')).toContain('not now. What this machine has of the run is shown.');
  });

  test('shows from its folder a run whose server is away, with a warning', async () => {
    const away = { environment: { MLFLOW_TRACKING_URI: 'http://127.0.0.1:1' } };
    const end = await runs(['show', 'second', '--storage', storage.path], away);
    expect(end.exitCode).toBe(0);
    expect(end.stderr).toMatch(/! warning: The tracking server .* does not answer.*What this machine has of the run/);
    expect(end.stdout).toMatch(/^FINISHED {2}second\n/);
    expect(end.stdout).toMatch(/history {4}value 1 → best 2 \(step 2\)/);
    expect((await runs(['show', 'nobody', '--storage', storage.path], away)).exitCode).toBe(69);
  });
});
