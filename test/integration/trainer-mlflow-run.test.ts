import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openArtifactStore } from '../../src/artifacts/index.ts';
import { MlflowClient, type Run } from '../../src/mlflow/index.ts';
import {
  type MlflowServer,
  pythonPath,
  startMlflow,
  type TemporaryDirectory,
  temporaryDirectory,
} from '../support/index.ts';
import { onlyRun, runTrainer, type TrainerEnd } from '../support/trainer.ts';

const run = promisify(execFile);

/** Loads the registered model by its alias and scores the input example that lies in it. */
const predict = `
import json, sys
import mlflow, numpy as np
model = mlflow.pyfunc.load_model("models:/malaria-synthetic@latest-finished")
example = np.array(json.load(open(sys.argv[1])), dtype=np.float32)
print(json.dumps({"scores": np.asarray(model.predict(example)).ravel().tolist(), "metadata": model.metadata.metadata}))
`;

describe('a training that mlflow run started', () => {
  let server: MlflowServer;
  let storage: TemporaryDirectory;
  let client: MlflowClient;
  let end: TrainerEnd;
  let recorded: Run;

  beforeAll(async () => {
    server = await startMlflow();
    storage = await temporaryDirectory();
    client = new MlflowClient({ trackingUri: server.uri });
    const experimentId = await client.createExperiment({ name: 'cells' });
    const started = await client.createRun({ experimentId, runName: 'by-hand', startTimeMs: Date.now(), tags: {} });
    const { runId } = started.info;
    // As `mlflow run` does, before it starts the program.
    await client.logBatch(runId, { params: { epochs: '2', learning_rate: '1e-3' } });
    const argv = ['--epochs=2', '--learning-rate=1e-3', '--convolutions=1', '--training-samples=96', '--image-size=20'];
    end = await runTrainer(argv, {
      SLIPWAY_STORAGE: storage.path,
      SLIPWAY_REGISTER_MODEL: 'malaria',
      MLFLOW_RUN_ID: runId,
      MLFLOW_TRACKING_URI: server.uri,
      MLFLOW_EXPERIMENT_ID: experimentId,
    });
    recorded = await client.getRun(runId);
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await storage?.remove();
  });

  it('ends well and has no complaint', () => {
    expect(end).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('has every metric of every epoch and the test once on the server', async () => {
    expect(Object.keys(recorded.data.metrics).sort()).toEqual(
      [
        ...['', 'val_', 'test_'].flatMap((prefix) =>
          ['loss', 'accuracy', 'auc', 'precision', 'recall'].map((key) => prefix + key),
        ),
        ...['val_brier_score', 'test_brier_score'],
        ...['test_f1', 'test_average_precision', 'learning_rate', 'epoch_seconds', 'samples_per_second'],
      ].sort(),
    );
    const history = await client.metricHistory(recorded.info.runId, 'val_auc');
    expect(history.map(({ step }) => step)).toEqual([1, 2]);
    expect(await client.metricHistory(recorded.info.runId, 'test_auc')).toHaveLength(1);
  });

  it('keeps params that were logged before, spelled as they were, and adds the others', () => {
    expect(recorded.data.params).toMatchObject({
      epochs: '2',
      learning_rate: '1e-3',
      convolutions: '1',
      device: 'CPU',
    });
    expect(Object.keys(recorded.data.tags).filter((key) => key.startsWith('slipway.param_conflict'))).toEqual([]);
  });

  it('has its artifacts on the server', async () => {
    const store = openArtifactStore(recorded.info.artifactUri, { client });
    const names = (await store.listRecursive()).map(({ path }) => path);
    for (const name of [
      'config.json',
      'environment.json',
      'plots/learning-curves.svg',
      'plots/confusion-matrix.svg',
      'predictions.csv',
      'predictions.json',
      'per-class.json',
      'report.html',
    ]) {
      expect(names).toContain(name);
    }
  });

  it('has a registered model that predicts in Python what the trainer predicted', async () => {
    const directory = await onlyRun(storage.path);
    const environment = { ...process.env, MLFLOW_TRACKING_URI: server.uri, TF_CPP_MIN_LOG_LEVEL: '3' };
    const example = `${directory}/artifacts/model/input_example.json`;
    const { stdout } = await run(await pythonPath(), ['-c', predict, example], { env: environment });
    const { scores, metadata } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    const lines = (await readFile(`${directory}/artifacts/predictions.csv`, 'utf8')).split('\n').slice(1, 5);
    const ours = lines.map((line) => Number(line.split(',')[2]));
    expect(scores).toHaveLength(4);
    for (const [index, score] of scores.entries()) expect(Math.abs(score - (ours[index] as number))).toBeLessThan(1e-5);
    expect(metadata.data_source).toMatchObject({ synthetic: true });
    expect(metadata.positive_class).toBe('synthetic parasitized');
  });
});
