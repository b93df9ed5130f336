import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MlflowClient, type Run, sharedViewTag } from '../../src/mlflow/index.ts';
import { startFaultyProxy } from '../support/faulty-proxy.ts';
import {
  type GitProject,
  gitProject,
  type MlflowServer,
  type SlipwayEnd,
  slipway,
  startMlflow,
  type TemporaryDirectory,
  temporaryDirectory,
} from '../support/index.ts';

let server: MlflowServer;
let client: MlflowClient;
let project: GitProject;
let storage: TemporaryDirectory;

async function open(release: 'newest' | 'oldest'): Promise<void> {
  server = await startMlflow({ release });
  client = new MlflowClient({ trackingUri: server.uri });
  storage = await temporaryDirectory();
  project = await gitProject('metrics');
}

async function close(): Promise<void> {
  await client?.close();
  await server?.[Symbol.asyncDispose]();
  await project?.[Symbol.asyncDispose]();
  await storage?.remove();
}

function launch(experiment: string, ...words: string[]): Promise<SlipwayEnd> {
  const where = ['--engine', 'host', '--storage', storage.path, '--experiment-name', experiment];
  return slipway(['run', project.path, ...where, ...words], { environment: { MLFLOW_TRACKING_URI: server.uri } });
}

async function tagsOf(experiment: string): Promise<Readonly<Record<string, string>>> {
  return (await client.getExperimentByName(experiment))?.tags ?? {};
}

async function runOf(experiment: string, name: string): Promise<Run> {
  const experimentId = (await client.getExperimentByName(experiment))?.experimentId ?? '';
  const found = await client.searchRuns({
    experimentIds: [experimentId],
    filter: `attributes.run_name = '${name}'`,
  });
  expect(found.items).toHaveLength(1);
  return client.getRun(found.items[0]?.info.runId ?? '');
}

function viewOf(tag = ''): { selectedColumns: string[]; orderByKey: string; compareRunCharts: { type: string }[] } {
  const text = tag.startsWith('{') ? (JSON.parse(tag) as { state: string }).state : tag;
  return JSON.parse(inflateSync(Buffer.from(text.slice('deflate;'.length), 'base64')).toString('utf8'));
}

const columns = [
  'metrics.`val_auc`',
  'metrics.`test_auc`',
  'metrics.`val_loss`',
  'attributes.`Duration`',
  'params.`epochs`',
  'params.`learning_rate`',
  'params.`optimizer`',
  'attributes.`Models`',
];

describe.each(['newest', 'oldest'] as const)('the page of an experiment, on the %s MLflow', (release) => {
  beforeAll(() => open(release));
  afterAll(close);

  it("has one view with the project's columns, a note with a heading and the metric that counts", async () => {
    const first = await launch('cells', '--run-name', 'first');
    expect(first.stdout + first.stderr).toContain('FINISHED');
    const tags = await tagsOf('cells');
    const view = viewOf(tags[sharedViewTag]);
    expect(view).toMatchObject({ selectedColumns: columns, orderByKey: 'metrics.`val_auc`', orderByAsc: false });
    expect(view.compareRunCharts.map(({ type }) => type)).toEqual(['LINE', 'LINE', 'BAR', 'DIFFERENCE', 'PARALLEL']);
    expect(tags[sharedViewTag]?.startsWith('{"name":"Slipway"')).toBe(release === 'newest');
    expect(tags['mlflow.note.content']).toMatch(/^### Runs of cells\n/);
    expect(tags['mlflow.note.content']).toContain('slipway run . --experiment-name cells`');
    expect(tags).toMatchObject({
      'mlflow.experimentKind': 'custom_model_development',
      'mlflow.experiment.primaryMetric.name': 'val_auc',
      'mlflow.experiment.primaryMetric.greaterIsBetter': 'True',
    });

    await launch('cells', '--run-name', 'second', '-P', 'epochs=2');
    const again = await tagsOf('cells');
    expect(Object.keys(again).filter((key) => key.startsWith('mlflow.sharedViewState.'))).toEqual([sharedViewTag]);
    // One view, as before, which has learnt what the two runs differ by: that comes first.
    const params = viewOf(again[sharedViewTag]).selectedColumns.filter((column) => column.startsWith('params.'));
    expect(params[0]).toBe('params.`epochs`');
    expect(viewOf(again[sharedViewTag]).selectedColumns).toEqual(expect.arrayContaining(columns));
  });

  it('tells in tags and note of a run what the UI shows nowhere, and how it ended', async () => {
    const { info, data } = await runOf('cells', 'first');
    expect(data.tags).toMatchObject({ host: expect.stringMatching(/./), dirty: 'false', gpu: 'none' });
    const note = data.tags['mlflow.note.content'] ?? '';
    expect(note).toMatch(/- FINISHED after [\d.]+ m?s\n/);
    for (const part of [project.commit.slice(0, 12), data.tags.host ?? '?', '-P learning_rate=0.1']) {
      expect(note).toContain(part);
    }
    expect(info.status).toBe('FINISHED');
  });

  it('says of a run whose loss is lost that it has diverged, and when', async () => {
    const end = await launch('lost', '-e', 'diverge', '--run-name', 'lost');
    expect(end.exitCode).toBe(0);
    expect(end.stderr).toContain('warning: The run has diverged: loss is NaN at step 2.');
    expect(end.stderr.match(/diverged/g)).toHaveLength(1);
    expect(end.stdout).toMatch(/^ {2}warning diverged in step 2: loss is NaN$/m);
    expect(end.stderr).toContain('val_auc is NaN at step 1, which MLflow shows as no value at all.');
    const { data } = await runOf('lost', 'lost');
    expect(data.tags.diverged).toBe('step 2: loss is NaN');
    expect(data.tags['mlflow.note.content']).toContain('- **Diverged** in step 2: loss is NaN');
    expect(viewOf((await tagsOf('lost'))[sharedViewTag]).selectedColumns).toContain('tags.`diverged`');
  });

  it('leaves a view and a note that somebody has written, and mends a view that nobody can read', async () => {
    const { experimentId } = await client.ensureExperiment('edited');
    const view = JSON.stringify({
      selectedColumns: ['metrics.`loss`'],
      orderByKey: 'metrics.`loss`',
      orderByAsc: true,
    });
    await client.setExperimentTag(experimentId, sharedViewTag, view);
    await client.setExperimentTag(experimentId, 'mlflow.note.content', 'Ask Ada before you delete anything.');
    await launch('edited');
    expect(await tagsOf('edited')).toMatchObject({
      [sharedViewTag]: view,
      'mlflow.note.content': 'Ask Ada before you delete anything.',
    });
    await client.setExperimentTag(experimentId, sharedViewTag, '{"selectedColumns":');
    const end = await launch('edited');
    expect(end.stderr).toContain('could not be read, and is replaced');
    expect(viewOf((await tagsOf('edited'))[sharedViewTag]).selectedColumns).toEqual(columns);
  });

  it('has a view in the form that it has, or in the older one, where the server does not tell its version', async () => {
    await using proxy = await startFaultyProxy(server.uri);
    proxy.fault = { path: '/version', status: 403 };
    const launchThere = (experiment: string) => {
      const words = [
        'run',
        project.path,
        '--engine',
        'host',
        '--storage',
        storage.path,
        '--experiment-name',
        experiment,
      ];
      return slipway(words, { environment: { MLFLOW_TRACKING_URI: proxy.uri } });
    };
    const end = await launchThere('veiled');
    expect(end.exitCode).toBe(0);
    expect(end.stderr.match(/The server did not tell its version, so the view of the experiment keeps/g)).toHaveLength(
      1,
    );
    expect((await tagsOf('veiled'))[sharedViewTag]).toMatch(/^deflate;/);
    await launch('known');
    const { [sharedViewTag]: before } = await tagsOf('known');
    await launchThere('known');
    expect((await tagsOf('known'))[sharedViewTag]?.slice(0, 8)).toBe(before?.slice(0, 8));
  });

  it('is refused with one sentence where the experiment was deleted, and brought back on request', async () => {
    const { experimentId } = await client.ensureExperiment('gone');
    await client.deleteExperiment(experimentId);
    const refused = await launch('gone');
    expect(refused.exitCode).toBe(64);
    expect(refused.stderr).toContain(`The experiment "gone" (${experimentId}) is deleted`);
    expect(refused.stderr).toContain('--restore-experiment');
    const restored = await launch('gone', '--restore-experiment', '--run-name', 'back');
    expect(restored.exitCode).toBe(0);
    expect((await runOf('gone', 'back')).info).toMatchObject({ experimentId, status: 'FINISHED' });
  });

  it('is linked from the result, beside the run', async () => {
    const end = await launch('cells', '--json');
    const result = end.stdout.split('\n').find((line) => line.includes('"type":"result"')) ?? '';
    const { runsUrl, chartsUrl, primaryMetric } = (JSON.parse(result) as { result: Record<string, unknown> }).result;
    expect(runsUrl).toMatch(/\/#\/experiments\/\d+\/runs\?workflowType=machine_learning&viewStateShareKey=slipway$/);
    expect(chartsUrl).toBe(`${runsUrl}&compareRunsMode=CHART`);
    expect(primaryMetric).toEqual({ key: 'val_auc', values: [0.6, 0.7, 0.8], steps: [1, 2, 3] });
  });
});
