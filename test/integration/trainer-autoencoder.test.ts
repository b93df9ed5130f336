import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunLogEvent } from '../../src/runlog/index.ts';
import { plainSetup } from '../../trainer/components/index.ts';
import { batchesOf } from '../../trainer/data/batches.ts';
import { dataLoaders } from '../../trainer/data/loaders/index.ts';
import { StandardPreprocessor } from '../../trainer/data/preprocessors/standard.ts';
import { ReconstructionMeter } from '../../trainer/evaluation/reconstruction-meter.ts';
import { exportFormats } from '../../trainer/export/index.ts';
import { AutoencoderBuilder } from '../../trainer/models/autoencoder.ts';
import { trainableVariables } from '../../trainer/network/forward.ts';
import type { TensorFlow } from '../../trainer/tensorflow/library.ts';
import { adam } from '../../trainer/training/optimizers/adam.ts';
import { trainingStep } from '../../trainer/training/step.ts';
import { pythonPath, requireData, type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';
import { quietTensorFlow } from '../support/tensorflow.ts';
import { runTrainer, trainerEvents } from '../support/trainer.ts';

const stepCount = 8;
const batchSize = 32;
const learningRate = 0.001;
const trainingLosses = ['mean_squared_error', 'binary_crossentropy'] as const;

let folder: TemporaryDirectory;
beforeAll(async () => {
  folder = await temporaryDirectory();
});
afterAll(() => folder?.remove());

/** The last line that a program in Python prints, as JSON. */
async function inPython<Result>(program: string, ...words: string[]): Promise<Result> {
  const { stdout } = await promisify(execFile)(await pythonPath(), ['-c', program, ...words], {
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '', KERAS_BACKEND: 'tensorflow' },
    maxBuffer: 256 * 1024 * 1024,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Result;
}

/** Floats, or bytes, as a file of their own: as JSON they would be many times as large. */
async function writeArray(name: string, values: Float32Array | Uint8Array): Promise<string> {
  const file = folder.join(name);
  await writeFile(file, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return file;
}

/** Trains the same network from the same weights on the same pixels, and prints the loss and metrics of each step. */
const keras = `
import json, sys
import keras, numpy as np
with open(sys.argv[1]) as file:
    given = json.load(file)
pixels = np.fromfile(given["pixels"], np.uint8).reshape(-1, given["batch_size"], 28, 28, 1)
results = []
for loss in given["losses"]:
    model = keras.Sequential([
        keras.Input((28, 28, 1)), keras.layers.Flatten(),
        *[keras.layers.Dense(units, activation="relu") for units in (256, 128, 256)],
        keras.layers.Dense(784, activation="sigmoid"), keras.layers.Reshape((28, 28, 1))])
    flat, weights, start = np.fromfile(given["weights"], np.float32), [], 0
    for weight in model.get_weights():
        weights.append(flat[start:start + weight.size].reshape(weight.shape))
        start += weight.size
    model.set_weights(weights)
    model.compile(keras.optimizers.Adam(given["learning_rate"]), loss, metrics=["mse", "mae"])
    steps = []
    for batch in pixels:
        images = (batch / 255).astype(np.float32)
        model.reset_metrics()
        step = model.train_on_batch(images, images, return_dict=True)
        steps.append([float(step["loss"]), float(step["mse"]), float(step["mae"])])
    results.append({"steps": steps, "weights": [w for weight in model.get_weights() for w in weight.ravel().tolist()]})
print(json.dumps(results))
`;

interface KerasTraining {
  readonly steps: readonly (readonly number[])[];
  readonly weights: readonly number[];
}

describe('the training of an autoencoder', () => {
  let tf: TensorFlow;
  beforeAll(async () => {
    tf = quietTensorFlow();
    await tf.ready();
  });

  it("has in every step the loss and the metrics of Keras's, from the same weights on the same pixels", async () => {
    const parameters = { location: requireData('fashion-mnist'), training_samples: stepCount * batchSize };
    const setup = { ...plainSetup, inputHeight: 28, inputWidth: 28 };
    const loader = new (dataLoaders.numbered_zip as NonNullable<(typeof dataLoaders)[string]>)(parameters, setup);
    await loader.open();
    const options = {
      preprocessor: new StandardPreprocessor({ scaling: 'unit' }),
      augmentor: null,
      batchSize,
      seed: 1,
    };
    const trained: { readonly steps: number[][]; readonly weights: number[] }[] = [];
    let [weights, pixels] = [new Float32Array(), new Uint8Array()];
    for (const loss of trainingLosses) {
      const { model } = await new AutoencoderBuilder({ loss }).getCompiledModel({
        ...{ tf, inputShape: [28, 28, 1], classes: 0 },
      });
      const flat = () => model.getWeights().flatMap((weight) => [...weight.dataSync()]);
      weights = Float32Array.from(flat());
      const optimizer = adam.create(tf, trainableVariables(model), adam.parameters.parse({}));
      const steps: number[][] = [];
      const seen: number[] = [];
      for await (const { batch, samples } of batchesOf(loader.createTrainingGenerator(1), { ...options, epoch: 1 })) {
        for (const sample of samples) for (const pixel of sample.pixels) seen.push(pixel);
        const inputs = tf.tensor(batch.inputs, [batch.size, ...batch.shape]);
        const { loss: value, scores } = trainingStep(
          tf,
          { model, loss, labelSmoothing: 0, clipping: null, penalty: null, optimizer },
          {
            ...{ inputs, targets: inputs, weights: tf.tensor1d(batch.weights), learningRate: tf.scalar(learningRate) },
            ...{ step: tf.scalar(steps.length + 1, 'int32'), seed: tf.scalar(1, 'int32') },
          },
        );
        const meter = new ReconstructionMeter(loss);
        meter.add(batch, (await scores.data()) as Float32Array);
        const { loss: measured, mse, mae } = meter.metrics();
        expect(Math.abs(measured - (value.dataSync()[0] as number))).toBeLessThan(1e-5);
        steps.push([value.dataSync()[0] as number, mse, mae]);
      }
      pixels = Uint8Array.from(seen);
      trained.push({ steps, weights: flat() });
      optimizer.dispose();
      model.dispose();
    }
    await loader.close();
    const setting = {
      pixels: await writeArray('pixels.bin', pixels),
      weights: await writeArray('weights.bin', weights),
      ...{ batch_size: batchSize, learning_rate: learningRate, losses: trainingLosses },
    };
    await writeFile(folder.join('setting.json'), JSON.stringify(setting));
    const expected = await inPython<KerasTraining[]>(keras, folder.join('setting.json'));
    for (const [index, loss] of trainingLosses.entries()) {
      const { steps, weights: final } = trained[index] as (typeof trained)[number];
      const of = expected[index] as KerasTraining;
      expect(steps).toHaveLength(stepCount);
      for (const [step, values] of steps.entries()) {
        for (const [place, value] of values.entries()) {
          const difference = Math.abs(value - (of.steps[step]?.[place] as number));
          expect(difference, `${loss}, step ${step + 1}, value ${place}`).toBeLessThan(1e-5);
        }
      }
      expect(final).toHaveLength(of.weights.length);
      const off = final.reduce((most, value, at) => Math.max(most, Math.abs(value - (of.weights[at] as number))), 0);
      expect(off, `weights after ${loss}`).toBeLessThan(1e-4);
      expect(steps.at(-1)?.[0]).toBeLessThan(steps[0]?.[0] as number);
    }
  });
});

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
