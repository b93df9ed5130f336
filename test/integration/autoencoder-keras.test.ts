import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainSetup } from '../../trainer/components/index.ts';
import { batchesOf } from '../../trainer/data/batches.ts';
import { dataLoaders } from '../../trainer/data/loaders/index.ts';
import { StandardPreprocessor } from '../../trainer/data/preprocessors/standard.ts';
import { ReconstructionMeter } from '../../trainer/evaluation/reconstruction-meter.ts';
import { AutoencoderBuilder } from '../../trainer/models/autoencoder.ts';
import { trainableVariables } from '../../trainer/network/forward.ts';
import type { TensorFlow } from '../../trainer/tensorflow/library.ts';
import { adam } from '../../trainer/training/optimizers/adam.ts';
import { trainingStep } from '../../trainer/training/step.ts';
import { requireData, type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';
import { inPython } from '../support/python-json.ts';
import { quietTensorFlow } from '../support/tensorflow.ts';

const stepCount = 8;
const batchSize = 32;
const learningRate = 0.001;
const trainingLosses = ['mean_squared_error', 'binary_crossentropy'] as const;

let folder: TemporaryDirectory;
beforeAll(async () => {
  folder = await temporaryDirectory();
});
afterAll(() => folder?.remove());

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
