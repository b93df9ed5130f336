import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openArtifactStore } from '../../src/artifacts/index.ts';
import { MlflowClient, type Run } from '../../src/mlflow/index.ts';
import { RunLogAppender } from '../../src/runlog/index.ts';
import { createRunDirectory, type RunPaths } from '../../src/runs/index.ts';
import {
  type MlflowServer,
  startMlflow,
  type TemporaryDirectory,
  temporaryDirectory,
  typeScriptProgram,
} from '../support/index.ts';

const execute = promisify(execFile);
const child = join(import.meta.dirname, 'stream-crash-child.ts');

let server: MlflowServer;
let storage: TemporaryDirectory;
let client: MlflowClient;
let experimentId: string;

beforeAll(async () => {
  server = await startMlflow();
  storage = await temporaryDirectory();
  client = new MlflowClient({ trackingUri: server.uri });
  experimentId = (await client.ensureExperiment('crash')).experimentId;
});
afterAll(async () => {
  await client?.close();
  await server?.[Symbol.asyncDispose]();
  await storage?.remove();
});

interface Ended {
  /** The name of the checkpoint at which the process died, or null where it reached the end. */
  readonly diedAt: string | null;
  /** Those that a process which lived has passed, each with its number among those of its name. */
  readonly checkpoints: readonly string[];
}

async function carry(paths: RunPaths, run: Run, dieAt: number | string | null): Promise<Ended> {
  const orders = {
    runDirectory: paths.directory,
    trackingUri: server.uri,
    mlflowRunId: run.info.runId,
    experimentId,
    artifactUri: run.info.artifactUri,
    dieAt,
  };
  try {
    const { stdout } = await execute(process.execPath, [...typeScriptProgram(child), JSON.stringify(orders)]);
    const { checkpoints, status } = JSON.parse(stdout) as { checkpoints: string[]; status: unknown };
    expect(status).toMatchObject({ pendingBytes: 0, refused: [], lastError: null });
    return { diedAt: null, checkpoints };
  } catch (error) {
    const { signal, stdout, stderr } = error as { signal?: string; stdout?: string; stderr?: string };
    if (signal !== 'SIGKILL') throw new Error(`${String(error)}\n${stderr}`, { cause: error });
    return { diedAt: /died at (\S+)/.exec(stdout ?? '')?.[1] ?? 'unknown', checkpoints: [] };
  }
}

/** A run with everything in its log: values of two writers, files, a table, a picture, a model that is registered. */
async function writtenRun(modelName: string): Promise<{ paths: RunPaths; run: Run }> {
  const paths = await createRunDirectory(storage.path);
  const run = await client.createRun({ experimentId, runName: paths.runId, startTimeMs: Date.now(), tags: {} });
  await client.logBatch(run.info.runId, { params: { epochs: '3' } });
  const model = join(paths.outputs, 'model');
  mkdirSync(join(model, 'data'), { recursive: true });
  writeFileSync(join(model, 'MLmodel'), 'flavors:\n  python_function:\n    loader_module: mlflow.onnx\n');
  writeFileSync(join(model, 'data', 'weights'), 'weights');
  writeFileSync(join(paths.artifacts, 'summary.txt'), 'summary');
  writeFileSync(join(paths.artifacts, 'table.json'), '{"columns":["a"],"data":[[1]]}');
  writeFileSync(join(paths.artifacts, 'picture.png'), 'not looked at');

  const log = RunLogAppender.open(paths.directory, 'trainer');
  log.param('epochs', '3.0');
  log.param('seed', 1);
  log.dataset({ name: 'test', digest: 'd', context: 'testing', source_type: 'local', source: '{}' });
  for (let step = 1; step <= 3; step++) {
    log.metric('loss', 1 / step, step, { timeMs: 1000 + step });
    log.metric('odd', Number.NaN, step, { timeMs: 1000 + step });
  }
  log.metric('test_accuracy', 0.9, 3, { timeMs: 2000, dataset: 'test' });
  log.artifact('artifacts/summary.txt');
  log.table('table', 'artifacts/table.json', 3, 2000);
  log.image('picture', 'artifacts/picture.png', 3, 2000);
  log.model({
    name: 'cells',
    path: model,
    register: modelName,
    aliases: ['latest-finished'],
    metrics: { test_accuracy: 0.9 },
    dataset: 'test',
    step: 3,
  });
  log.artifact('artifacts/missing-on-purpose-is-not-here');
  log.close();
  writeFileSync(join(paths.artifacts, 'missing-on-purpose-is-not-here'), 'here after all');
  const other = RunLogAppender.open(paths.directory, 'agent');
  other.tag('stage', 'done');
  other.metric('system/memory', 7, 1, { timeMs: 5 });
  other.close();
  return { paths, run };
}

/** Everything the server holds of a run that a repeated step could have doubled. */
async function held(run: Run, modelName: string) {
  const { runId } = run.info;
  const now = await client.getRun(runId);
  const histories: Record<string, unknown> = {};
  for (const key of Object.keys(now.data.metrics).sort()) {
    const points = await client.metricHistory(runId, key);
    histories[key] = points.map(({ value, step, timestampMs }) => [value, step, timestampMs]);
  }
  const models = (
    await client.searchLoggedModels({ experimentIds: [experimentId], filter: `source_run_id = '${runId}'` })
  ).items;
  const versions = (await client.searchModelVersions(`run_id = '${runId}'`)).items;
  const alias = await client.getModelVersionByAlias(modelName, 'latest-finished');
  const files = await openArtifactStore(run.info.artifactUri, { client }).listRecursive();
  const [model] = models;
  const modelFiles = model === undefined ? [] : await openArtifactStore(model.artifactUri, { client }).listRecursive();
  return {
    params: now.data.params,
    stage: now.data.tags.stage,
    tables: now.data.tags['mlflow.loggedArtifacts'],
    histories,
    inputs: now.inputs.datasets.map(({ dataset }) => dataset.name),
    outputs: now.outputs.models.length,
    files: files.filter(({ isDirectory }) => !isDirectory).length,
    modelFiles: modelFiles.filter(({ isDirectory }) => !isDirectory).map(({ path }) => path),
    models: models.map(({ status, metrics }) => ({
      status,
      metrics: metrics.map(({ key, value, step, datasetName }) => [key, value, step, datasetName]),
    })),
    versions: versions.map(({ version, name }) => [name, version]),
    alias: alias.version,
  };
}

const expected = (modelName: string) => ({
  params: { epochs: '3', seed: '1' },
  stage: 'done',
  tables: '[{"path":"table.json","type":"table"}]',
  histories: {
    loss: [1, 2, 3].map((step) => [1 / step, step, 1000 + step]),
    odd: [1, 2, 3].map((step) => [Number.NaN, step, 1000 + step]),
    'system/memory': [[7, 1, 5]],
    test_accuracy: [[0.9, 3, 2000]],
  },
  inputs: ['test'],
  outputs: 1,
  files: 5,
  modelFiles: ['MLmodel', 'data/weights'],
  models: [{ status: 'READY', metrics: [['test_accuracy', 0.9, 3, 'test']] }],
  versions: [[modelName, '1']],
  alias: '1',
});

describe('an agent killed with SIGKILL between any two steps', () => {
  it('and started again leaves every value, one model and one version', async () => {
    const whole = await writtenRun('whole');
    const { checkpoints } = await carry(whole.paths, whole.run, null);
    expect(await held(whole.run, 'whole')).toEqual(expected('whole'));
    const diedAt = new Set<string | null>();
    // Values and files go side by side, and pass their checkpoints in another order each time: each is met by its name.
    for (const [index, dieAt] of checkpoints.entries()) {
      const name = `killed-${index}`;
      const { paths, run } = await writtenRun(name);
      diedAt.add((await carry(paths, run, dieAt)).diedAt);
      expect((await carry(paths, run, null)).diedAt).toBeNull();
      expect(await held(run, name), `killed at checkpoint ${dieAt}`).toEqual(expected(name));
    }
    for (const step of ['batch-sent', 'model-created', 'outputs-logged', 'version-created', 'alias-set']) {
      expect(diedAt).toContain(step);
    }
  }, 900_000);

  it('again and again, at every step of what is left, loses and doubles nothing', async () => {
    const { paths, run } = await writtenRun('again');
    const died: string[] = [];
    // Dying always at the first step would never get anywhere; dying at the third of each life does.
    for (let life = 0; life < 40; life++) {
      const { diedAt } = await carry(paths, run, 2 + (life % 4));
      if (diedAt === null) break;
      died.push(diedAt);
    }
    await carry(paths, run, null);
    expect(died.length).toBeGreaterThan(3);
    expect(await held(run, 'again')).toEqual(expected('again'));
  }, 300_000);
});
