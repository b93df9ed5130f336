import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openArtifactStore } from '../../src/artifacts/index.ts';
import { StandardPreprocessor } from '../../trainer/data/preprocessors/standard.ts';
import { requireDocker, slipway } from '../support/index.ts';
import { allSamples, syntheticLoader } from '../support/list-loader.ts';
import { type MadeRun, makeRun } from '../support/made-run.ts';
import { cloneProject, type ProjectClone } from '../support/project-clone.ts';
import { judgeInPython, type PythonVerdict } from '../support/python-model.ts';
import { recordedArtifacts, recordedRun } from '../support/recorded-run.ts';
import { TrackedFolder } from '../support/tracked-folder.ts';

const model = 'malaria-synthetic';
const measures = ['loss', 'accuracy', 'auc', 'precision', 'recall'];
/** Of the test there are two more. */
const testMeasures = [...measures, 'f1', 'average_precision'];
const imageSize = 50;

let clone: ProjectClone;
let first: MadeRun;
let second: MadeRun;
/** The version that had the alias after each launch. */
const latestFinished: string[] = [];

let tracked: TrackedFolder;

beforeAll(async () => {
  await requireDocker();
  tracked = await TrackedFolder.open();
  clone = await cloneProject();
  first = await launch('first');
  second = await launch('second');
});

afterAll(async () => {
  await clone?.[Symbol.asyncDispose]();
  await tracked?.[Symbol.asyncDispose]();
});

async function launch(runName: string): Promise<MadeRun> {
  const made = await makeRun(clone, {
    client: tracked.client,
    storageDirectory: tracked.folder.path,
    experimentName: 'cells',
    runName,
    parameters: 'epochs=2 training_samples=400 validation_samples=200 learning_rate=1e-3',
  });
  latestFinished.push((await tracked.client.getModelVersionByAlias(model, 'latest-finished')).version);
  return made;
}

const imageName = (): string => `malaria:${clone.commit.slice(0, 12)}`;

describe('make run in a fresh clone', () => {
  it('installs and builds, each step with its time, and ends with a summary on standard output', () => {
    const { stdout, stderr } = first.end;
    expect(stderr).toMatch(/✓ npm packages {2}\d+\.\d s/);
    expect(stderr).toMatch(/✓ launcher compiled {2}\d+\.\d s/);
    expect(stderr).toMatch(/✓ image \S+.* m?s$/m);
    expect(stdout).toMatch(/^FINISHED after /);
    for (const measure of measures)
      expect(stdout).toMatch(new RegExp(`^ +metrics test .*\\b${measure} [01]\\.\\d+`, 'm'));
    expect(stdout).toContain(`${tracked.server.uri}/#/experiments/`);
    expect(stdout).toContain(first.run.info.runId);
    expect(stdout).toContain(`${model} version 1`);
    expect(stdout).toContain(imageName());
    expect(stdout).toContain(first.directory);
    expect(stdout).not.toContain('npm packages');
  });

  it('leaves a finished run that tells its code, its image and how to have it again', () => {
    const { info, data } = first.run;
    expect(info.status).toBe('FINISHED');
    expect(data.tags).toMatchObject({
      'mlflow.source.type': 'PROJECT',
      'mlflow.source.name': clone.path,
      'mlflow.source.git.commit': clone.commit,
      ...(clone.branch === null ? {} : { 'mlflow.source.git.branch': clone.branch }),
      'mlflow.source.git.dirty': 'false',
      'mlflow.project.entryPoint': 'main',
      'mlflow.project.env': 'docker',
      'mlflow.project.backend': 'local',
      'mlflow.docker.image.uri': imageName(),
      'mlflow.docker.image.id': imageId(),
    });
    expect(data.tags['mlflow.note.content']).toContain(clone.commit.slice(0, 12));
    expect(data.tags['mlflow.note.content']).toContain('-P learning_rate=1e-3');
    expect(Object.keys(data.tags).filter((key) => key.startsWith('slipway.param_conflict'))).toEqual([]);
  });

  it('records the parameters as typed or by default, and what the trainer made of them', () => {
    const entries = Object.entries(first.run.data.params);
    expect(Object.fromEntries(entries.filter(([key]) => !key.includes('.')))).toEqual({
      epochs: '2',
      training_samples: '400',
      validation_samples: '200',
      learning_rate: '1e-3',
      batch_size: '32',
      convolutions: '2',
      randomize_images: 'false',
      seed: '1',
      threads: '0',
      data: 'synthetic',
      image_size: String(imageSize),
      input_height: '0',
      input_width: '0',
      max_steps: '0',
      data_loader_class: '',
      augmentor_class: '',
      preprocessor_class: 'standard',
      model_builder_class: '',
      evaluator_class: '',
      src_code_path: '',
      run_name: '',
      threads_used: expect.stringMatching(/^[1-9]\d*$/),
      device: 'CPU',
      channels: '3',
      positive_class: 'synthetic parasitized',
      model_weights: expect.stringMatching(/^\d+$/),
      optimizer: 'adam',
    });
    expect(first.run.data.params).toMatchObject({
      'model_builder.dropout_rate': '0.5',
      'preprocessor.scaling': 'centered',
      'training.optimizer_parameters.beta_1': '0.9',
      'export.formats': 'tfjs,keras,onnx',
    });
  });

  it('records the three data sets with digests of their own', () => {
    const inputs = first.run.inputs.datasets;
    expect(inputs.map(({ tags }) => tags['mlflow.data.context']).sort()).toEqual(['test', 'training', 'validation']);
    for (const { dataset, tags } of inputs) {
      expect(dataset.name).toBe(`synthetic-cells-${tags['mlflow.data.context']}`);
      expect(dataset.digest).toMatch(/^[0-9a-f]{32}$/);
    }
    expect(new Set(inputs.map(({ dataset }) => dataset.digest)).size).toBe(3);
  });

  it('records every measure of every epoch, each with its twin, and the test once', () => {
    const steps = Object.entries(first.metrics).map(([key, points]) => [key, points.map(({ step }) => step)]);
    expect(Object.fromEntries(steps)).toEqual({
      ...Object.fromEntries(measures.flatMap((key) => [key, `val_${key}`].map((name) => [name, [1, 2]]))),
      ...Object.fromEntries(testMeasures.map((key) => [`test_${key}`, [2]])),
      val_brier_score: [2],
      test_brier_score: [2],
      learning_rate: [1, 2],
      epoch_seconds: [1, 2],
      samples_per_second: [1, 2],
    });
  });

  it('keeps what belongs to the run as artifacts', async () => {
    expect(await recordedArtifacts(tracked.client, first.run)).toEqual(
      expect.arrayContaining([
        'config.json',
        'environment.json',
        'logs/stdout.log',
        'model-summary.txt',
        'per-class.json',
        'plots/confusion-matrix.csv',
        'plots/confusion-matrix.svg',
        'plots/learning-curves.csv',
        'plots/learning-curves.svg',
        'plots/roc-curve.svg',
        'predictions.csv',
        'predictions.json',
        'report.html',
      ]),
    );
    const store = openArtifactStore(first.run.info.artifactUri, { client: tracked.client });
    await store.download('logs/stdout.log', tracked.folder.join('stdout.log'));
    expect(readFileSync(tracked.folder.join('stdout.log'), 'utf8')).toMatch(/^\S+Z Network: convolutions 2, /m);
  });

  it('delivers a model that is ready, with its test metrics linked to the test data, and registers it', async () => {
    const [output] = first.run.outputs.models;
    const logged = await tracked.client.getLoggedModel(output?.modelId ?? '');
    expect(logged).toMatchObject({ status: 'READY', sourceRunId: first.run.info.runId });
    const test = first.run.inputs.datasets.find(({ tags }) => tags['mlflow.data.context'] === 'test')?.dataset;
    const linked = testMeasures.map((key) => ({
      key: `test_${key}`,
      value: first.run.data.metrics[`test_${key}`],
      datasetName: test?.name,
      datasetDigest: test?.digest,
    }));
    expect(logged.metrics).toHaveLength(testMeasures.length);
    for (const metric of linked) expect(logged.metrics).toContainEqual(expect.objectContaining(metric));
    const files = (await openArtifactStore(logged.artifactUri, { client: tracked.client }).listRecursive()).map(
      ({ path }) => path,
    );
    expect(files).toEqual(
      expect.arrayContaining(['MLmodel', 'data/model.keras', 'input_example.json', 'tfjs/model.json']),
    );
    const version = await tracked.client.getModelVersion(model, '1');
    expect(version).toMatchObject({ runId: first.run.info.runId, status: 'READY' });
    expect(latestFinished[0]).toBe('1');
  });
});

describe('make run once more, on the unchanged commit', () => {
  it('installs, compiles and builds nothing, and takes the image that is there', () => {
    expect(second.end.stderr).not.toMatch(/npm packages|compiled|bundled|[Ii]nstalling|Sending \d|Step \d/);
    expect(second.end.stderr).toMatch(new RegExp(`✓ image ${imageName()} +reused`));
    expect(second.run.data.tags['mlflow.docker.image.id']).toBe(first.run.data.tags['mlflow.docker.image.id']);
  });

  it('registers the next version and moves the alias', async () => {
    expect(second.end.stdout).toContain(`${model} version 2`);
    expect(await tracked.client.getModelVersion(model, '2')).toMatchObject({ runId: second.run.info.runId });
    expect(latestFinished[1]).toBe('2');
  });

  it('gives equal numbers in every epoch, but for times', () => {
    const values = ({ metrics }: MadeRun) =>
      Object.entries(metrics)
        .filter(([key]) => !key.endsWith('_seconds') && key !== 'samples_per_second')
        .map(([key, points]) => [key, points.map(({ step, value }) => ({ step, value }))])
        .sort();
    expect(values(second)).toHaveLength(2 * measures.length + testMeasures.length + 3);
    expect(values(second)).toEqual(values(first));
    const predictions = ({ directory }: MadeRun) =>
      readFileSync(join(directory, 'artifacts', 'predictions.csv'), 'utf8');
    expect(predictions(second)).toBe(predictions(first));
  });
});

describe('in Python', () => {
  let verdict: PythonVerdict;

  beforeAll(async () => {
    const loader = await syntheticLoader({ training: 400, validation: 200, test: 0 }, { imageSize });
    const samples = await allSamples(loader.createTestGenerator());
    verdict = await judgeInPython({
      trackingUri: tracked.server.uri,
      modelUri: `models:/${model}/1`,
      mlflowRunId: first.run.info.runId,
      inputs: new StandardPreprocessor().batchify(samples).inputs,
      shape: [samples.length, imageSize, imageSize, 3],
    });
    expect(verdict.ids).toEqual(samples.map(({ id }) => id));
  });

  it('the registered model predicts what the trainer predicted, for the whole test data and the input example', () => {
    const { trainer, python, example } = verdict;
    expect(python).toHaveLength(trainer.length);
    expect(python.length).toBeGreaterThan(100);
    for (const [index, score] of python.entries()) expect(Math.abs(score - (trainer[index] ?? 2))).toBeLessThan(1e-5);
    expect(example.length).toBeGreaterThan(0);
    for (const [index, score] of example.entries()) expect(Math.abs(score - (trainer[index] ?? 2))).toBeLessThan(1e-5);
    // A model that says one thing to everything would agree, too.
    expect(new Set(python.map((score) => score.toFixed(6))).size).toBeGreaterThan(50);
  });

  it('the test metrics on the server are those of scikit-learn for the predictions kept', () => {
    for (const key of testMeasures) {
      const ours = first.run.data.metrics[`test_${key}`] ?? Number.NaN;
      expect(Math.abs(ours - (verdict.metrics[key] ?? Number.NaN)), key).toBeLessThan(1e-6);
    }
  });
});

function imageId(): string {
  return execFileSync('docker', ['image', 'inspect', '--format', '{{.Id}}', imageName()], { encoding: 'utf8' }).trim();
}

describe('a clone that somebody pushed, run by its address', () => {
  it('has the configuration of the run name, though the trainer of another clone cannot be asked before', async () => {
    const config = join(clone.path, 'runs', 'small', 'config.yaml');
    mkdirSync(dirname(config), { recursive: true });
    writeFileSync(config, 'epochs: 1\nimage_size: 20\nproject_name: pushed\ndata_loader:\n  training_samples: 96\n');
    const git = (...words: string[]) => execFileSync('git', words, { cwd: clone.path, stdio: 'ignore' });
    git('add', '--all');
    git('-c', 'user.name=T', '-c', 'user.email=t@example.com', 'commit', '--quiet', '--message', 'A run');
    const address = pathToFileURL(clone.path).href;
    const words = ['run', address, '--engine', 'docker', '--storage', tracked.folder.path, '--run-name', 'small'];
    const end = await slipway([...words, '-P', 'validation_samples=32', '-P', 'model_builder.dense_units=16'], {
      environment: { MLFLOW_TRACKING_URI: tracked.server.uri, MLFLOW_EXPERIMENT_NAME: undefined },
    });
    expect(end, end.stderr).toMatchObject({ exitCode: 0 });
    expect(end.stderr).toContain("configuration runs/small/config.yaml, that of the run's name");
    const { data } = await recordedRun(tracked.client, 'pushed', 'small');
    expect(data.params).toMatchObject({
      epochs: '1',
      image_size: '20',
      training_samples: '96',
      validation_samples: '32',
      batch_size: '32',
      'model_builder.dense_units': '16',
    });
    expect(Object.keys(data.tags).filter((key) => key.startsWith('slipway.param_conflict'))).toEqual([]);
    const misspelt = await slipway([...words, '-P', 'epoch=3']);
    expect(misspelt.exitCode).toBe(64);
    expect(misspelt.stderr).toContain('epoch');
  });
});
