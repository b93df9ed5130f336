import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunLogEvent } from '../../src/runlog/index.ts';
import { sleep } from '../../src/util/index.ts';
import { exportFormats } from '../../trainer/export/index.ts';
import { requireData, type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';
import { inPython } from '../support/python-json.ts';
import { runTrainer, startTrainer, trainerEvents } from '../support/trainer.ts';

let folder: TemporaryDirectory;
beforeAll(async () => {
  folder = await temporaryDirectory();
});
afterAll(() => folder?.remove());

/** What each runtime gives for the test images, which PIL decodes, and the errors of that. */
const runtimes = `
import csv, io, json, os, sys, zipfile
import keras, mlflow, numpy as np, onnxruntime, tensorflow as tf
from PIL import Image
artifacts, images = sys.argv[1], sys.argv[2]
with open(os.path.join(artifacts, "reports", "test.csv")) as file:
    rows = list(csv.DictReader(file))
with zipfile.ZipFile(images) as archive:
    names = {name.split("/")[-1]: name for name in archive.namelist()}
    decoded = [np.asarray(Image.open(io.BytesIO(archive.read(names[row["id"].split("/")[1] + ".png"])))) for row in rows]
inputs = (np.stack(decoded)[..., None] / 255).astype(np.float32)
model = os.path.join(artifacts, "model")
data = lambda name: keras.saving.load_model(os.path.join(model, "data", name)).predict(inputs, verbose=0)
serve = tf.saved_model.load(os.path.join(model, "savedmodel")).signatures["serving_default"]
session = onnxruntime.InferenceSession(os.path.join(model, "model.onnx"), providers=["CPUExecutionProvider"])
pyfunc = mlflow.pyfunc.load_model(model)
sys.path.insert(0, model)
from predictor import Predictor
predictor = Predictor()
given = {
    "keras": data("model.keras"),
    "h5": data("model.h5"),
    "savedmodel": serve(input=tf.constant(inputs))["output"].numpy(),
    "onnx": session.run(["output"], {"input": inputs})[0],
    "pyfunc": pyfunc.predict(inputs),
    "predictor": predictor.predict(inputs),
}
difference = given["keras"] - inputs
print(json.dumps({
    "shapes": {name: list(np.asarray(output).shape) for name, output in given.items()},
    "apart": {name: float(np.abs(np.asarray(output) - given["keras"]).max()) for name, output in given.items()},
    "classes": predictor.classes(given["predictor"]),
    "signature": [list(schema.inputs[0].shape) for schema in (pyfunc.metadata.signature.inputs, pyfunc.metadata.signature.outputs)],
    "example": np.asarray(pyfunc.predict(pyfunc.input_example)).ravel().tolist(),
    "expected_example": given["keras"][:4].ravel().tolist(),
    "errors": [[float((d ** 2).mean()), float(np.abs(d).mean()), float(np.abs(d).max())] for d in difference],
}))
`;

interface RuntimeVerdict {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly apart: Readonly<Record<string, number>>;
  readonly classes: null;
  readonly signature: readonly (readonly number[])[];
  readonly example: readonly number[];
  readonly expected_example: readonly number[];
  readonly errors: readonly (readonly number[])[];
}

const counts = { training: 600, validation: 60, test: 50 };
const fashion = [
  ...['--model-builder-class=autoencoder', '--data-loader-class=numbered_zip', '--image-size=28', '--epochs=2'],
  ...[`--training-samples=${counts.training}`, `--validation-samples=${counts.validation}`],
  ...[`--data_loader.test_samples=${counts.test}`, '--data_loader.preset=fashion_mnist'],
  `--export.formats=${Object.keys(exportFormats).join(',')}`,
];

describe('a run of an autoencoder on Fashion-MNIST, all else as it is by default', () => {
  let run: string;
  let location: string;
  let events: RunLogEvent[];
  const artifact = (name: string) => readFile(`${run}/artifacts/${name}`, 'utf8');
  const values = () =>
    Object.fromEntries(
      events.flatMap((event) => (event.type === 'metric' ? [[`${event.key}@${event.step}`, Number(event.value)]] : [])),
    );

  beforeAll(async () => {
    location = requireData('fashion-mnist');
    run = folder.join('run');
    const end = await runTrainer([...fashion, `--data=${location}`], { SLIPWAY_RUN_DIR: run });
    expect(end).toMatchObject({ exitCode: 0, stderr: '' });
    events = await trainerEvents(run);
  });

  it('measures errors, in every epoch and the test, and nothing of classes', () => {
    const measured = ['loss', 'mse', 'mae'];
    const facts = ['learning_rate', 'epoch_seconds', 'samples_per_second'];
    const ofEpoch = (epoch: number) =>
      [...measured, ...measured.map((key) => `val_${key}`), ...facts].map((key) => `${key}@${epoch}`);
    const atEnd = [...measured.map((key) => `test_${key}@2`), 'val_largest_error@2', 'test_largest_error@2'];
    expect(Object.keys(values())).toEqual([...ofEpoch(1), ...ofEpoch(2), ...atEnd]);
    expect(values()['val_loss@2']).toBeLessThan(values()['val_loss@1'] as number);
    expect(values()['loss@2']).toBe(values()['mse@2']);
  });

  it('leaves every file that it names, with the pictures of its task', async () => {
    const files = events.flatMap((event) => (event.type === 'artifact' || event.type === 'table' ? [event.path] : []));
    for (const file of files) expect((await readFile(`${run}/${file}`)).length, file).toBeGreaterThan(0);
    const pictures = files.flatMap((file) => /plots\/(.*)\.svg$/.exec(file)?.[1] ?? []);
    expect([...new Set(pictures)].sort()).toEqual([
      ...['error-histogram', 'learning-curves', 'reconstructions', 'training-images', 'validation-error-histogram'],
      'validation-reconstructions',
    ]);
    const tables = events.flatMap((event) => (event.type === 'table' ? [event.key] : []));
    expect(tables).toEqual(['predictions', 'per-class']);
    const report = await artifact('report.html');
    expect(report).toMatch(/Test on 50 samples: loss 0\.\d{4}, MSE 0\.\d{4}, MAE 0\.\d{4}/);
    expect(report.match(/<figure /g)).toHaveLength(6);
    expect(report).not.toMatch(/accuracy|threshold|precision/i);
    expect(JSON.parse(await artifact('per-class.json')).data).toHaveLength(10);
  });

  it('tells each image by its errors, in the order of the part', async () => {
    const predictions = (await artifact('predictions.csv')).trimEnd().split('\n');
    expect(predictions[0]).toBe('id,class,loss,mse,mae');
    expect(predictions).toHaveLength(counts.test + 1);
    for (const part of ['validation', 'test'] as const) {
      const rows = (await artifact(`reports/${part}.csv`)).trimEnd().split('\n');
      expect(rows[0]).toBe('id,class,mse,mae,largest_error');
      expect(rows).toHaveLength(counts[part] + 1);
      const prefix = part === 'test' ? 'test_' : 'val_';
      for (const [column, key] of [
        [2, 'mse'],
        [3, 'mae'],
        [4, 'largest_error'],
      ] as const) {
        const mean = rows.slice(1).reduce((sum, row) => sum + Number(row.split(',')[column]), 0) / counts[part];
        expect(mean, `${part} ${key}`).toBeCloseTo(values()[`${prefix}${key}@2`] as number, 6);
      }
    }
  });

  it('describes a model of values', async () => {
    const information = JSON.parse(await artifact('model.info'));
    expect(information).toMatchObject({
      ...{ network: 'autoencoder', output: 'values', output_shape: [28, 28, 1], class_names: [], threshold: null },
      ...{ test_loss: values()['test_loss@2'], test_metrics: { test_mae: values()['test_mae@2'] } },
    });
    expect(information).not.toHaveProperty('test_accuracy');
    expect(events.find((event) => event.type === 'model')).toMatchObject({ tags: { data: 'real' } });
    const params = events.flatMap((event) => (event.type === 'param' ? [event.key] : []));
    expect(params).toContain('model_builder.loss');
    expect(params.filter((key) => key === 'classes' || key === 'positive_class')).toEqual([]);
  });

  it('exports a model that gives in every runtime the reconstructions whose errors were reported', async () => {
    const verdict = await inPython<RuntimeVerdict>(runtimes, `${run}/artifacts`, `${location}/testing_images.zip`);
    expect(Object.keys(verdict.shapes)).toHaveLength(6);
    for (const [name, shape] of Object.entries(verdict.shapes)) {
      expect(shape, name).toEqual([counts.test, 28, 28, 1]);
      expect(verdict.apart[name], name).toBeLessThan(1e-5);
    }
    expect(verdict.signature).toEqual([
      [-1, 28, 28, 1],
      [-1, 28, 28, 1],
    ]);
    expect(verdict.classes).toBeNull();
    for (const [place, value] of verdict.example.entries()) {
      expect(Math.abs(value - (verdict.expected_example[place] as number))).toBeLessThan(1e-5);
    }
    const rows = (await artifact('reports/test.csv')).trimEnd().split('\n').slice(1);
    for (const [index, row] of rows.entries()) {
      const told = row.split(',').slice(-3).map(Number);
      for (const [place, error] of told.entries()) {
        expect(Math.abs(error - (verdict.errors[index]?.[place] as number)), row).toBeLessThan(1e-5);
      }
    }
  });
});

describe('an autoencoder', () => {
  const small = ['--model-builder-class=autoencoder', '--image-size=12', '--training-samples=64', '--epochs=2'];

  it('that overshoots is one that diverged', async () => {
    const directory = folder.join('diverged');
    const end = await runTrainer([...small, '--learning-rate=10', '--validation-samples=16'], {
      SLIPWAY_RUN_DIR: directory,
    });
    expect(end.exitCode).toBe(0);
    expect(end.stderr).toMatch(
      /^warning: the training diverged in epoch 1: loss is 0\.\d+, more than twice what guessing gives \(0\.0\d+\)\. Try /,
    );
  });

  it('that is stopped within an epoch goes on to the numbers of one that was not', async () => {
    const argv = [
      ...small,
      '--epochs=14',
      '--batch-size=4',
      '--validation-samples=16',
      '--training.checkpoint_epochs=0',
    ];
    expect(await runTrainer(argv, { SLIPWAY_RUN_DIR: folder.join('whole') })).toMatchObject({ exitCode: 0 });
    const stopped = startTrainer(argv, { SLIPWAY_RUN_DIR: folder.join('stopped') });
    const isThird = async (): Promise<boolean> =>
      (await trainerEvents(folder.join('stopped'))).some(
        (event) => event.type === 'progress' && event.stage === 'epoch 3/14',
      );
    while (stopped.process.exitCode === null && !(await isThird().catch(() => false))) await sleep(20);
    stopped.process.kill('SIGTERM');
    expect(await stopped.ended).toMatchObject({ exitCode: 143 });
    const environment = { SLIPWAY_RUN_DIR: folder.join('stopped'), SLIPWAY_RESUME: '1' };
    const resumed = await runTrainer(argv, environment);
    expect(resumed).toMatchObject({ exitCode: 0, stderr: '' });
    expect(resumed.stdout).toMatch(/^Goes on after epoch \d/);
    const metricsOf = async (name: string): Promise<string[]> =>
      (await trainerEvents(folder.join(name)))
        .flatMap((event) =>
          event.type === 'metric' && !/seconds|per_second/.test(event.key)
            ? [`${event.key}@${event.step} ${event.value}`]
            : [],
        )
        .sort();
    expect(await metricsOf('stopped')).toEqual(await metricsOf('whole'));
    for (const file of ['predictions.csv', 'reports/validation.csv', 'plots/validation-reconstructions.svg']) {
      const [one, other] = ['stopped', 'whole'].map((name) => readFile(folder.join(name, 'artifacts', file)));
      expect((await (one as Promise<Buffer>)).equals(await (other as Promise<Buffer>)), file).toBe(true);
    }
  });

  it('learns from a table without labels, whose numbers are no pixels', async () => {
    const rows = Array.from({ length: 80 }, (_, row) => [row % 5, 3 * (row % 5) - 4, 10 - (row % 5)].join(','));
    await writeFile(folder.join('table.csv'), `a,b,c\n${rows.join('\n')}\n`);
    const table = [
      '--data-loader-class=csv_table',
      `--data=${folder.join('table.csv')}`,
      '--data_loader.label_column=',
    ];
    const network = [
      '--model-builder-class=autoencoder',
      '--model_builder.units=16,4,16',
      '--epochs=30',
      '--batch-size=8',
    ];
    const directory = folder.join('table');
    const refused = await runTrainer([...table, ...network], { SLIPWAY_RUN_DIR: folder.join('refused') });
    expect(refused.exitCode).toBe(64);
    expect(refused.stderr).toMatch(
      /^The image \d+ has values from -?\d+ to \d+ as the network gets them, but autoencoder gives back values from 0 to 1 alone\.\n/,
    );
    const linear = ['--model_builder.output_activation=linear', '--learning-rate=0.01'];
    const end = await runTrainer([...table, ...network, ...linear], { SLIPWAY_RUN_DIR: directory });
    expect(end).toMatchObject({ exitCode: 0, stderr: '' });
    expect(end.stdout).toMatch(/^Data: 80 rows of 3 numbers from /);
    const events = await trainerEvents(directory);
    const test = events.find((event) => event.type === 'metric' && event.key === 'test_mse');
    expect(Number((test as { value: unknown }).value)).toBeLessThan(1);
    expect((await readFile(`${directory}/artifacts/reports/test.csv`, 'utf8')).split('\n')[0]).toBe(
      'id,mse,mae,largest_error',
    );
    const dataset = events.find((event) => event.type === 'dataset') as { schema: string; profile: string };
    expect(JSON.parse(dataset.schema).mlflow_tensorspec.targets).toBeNull();
    expect(JSON.parse(dataset.profile)).toEqual({ num_rows: 56 });
  });
});
