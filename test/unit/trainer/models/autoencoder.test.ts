import { beforeAll, describe, expect, it } from 'vitest';
import { type GivenParameters, plainSetup, type Sample } from '../../../../trainer/components/index.ts';
import { readDataset } from '../../../../trainer/data/dataset.ts';
import { StandardPreprocessor } from '../../../../trainer/data/preprocessors/standard.ts';
import { ReconstructionEvaluator } from '../../../../trainer/evaluation/evaluators/reconstruction.ts';
import { reconstruction } from '../../../../trainer/evaluation/tasks/reconstruction.ts';
import { checkExportable, exportFormats } from '../../../../trainer/export/index.ts';
import { AutoencoderBuilder } from '../../../../trainer/models/autoencoder.ts';
import { outputActivation, trainableVariables, trainingOutput } from '../../../../trainer/network/forward.ts';
import { randomSource } from '../../../../trainer/random.ts';
import type { LayersModel, Tensor, TensorFlow } from '../../../../trainer/tensorflow/library.ts';
import { trainModel } from '../../../../trainer/training/loop.ts';
import { adam } from '../../../../trainer/training/optimizers/adam.ts';
import { ListLoader, listDataset } from '../../../support/list-loader.ts';
import { plainTraining } from '../../../support/plain-training.ts';
import { quietTensorFlow } from '../../../support/tensorflow.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = quietTensorFlow();
  await tf.ready();
});

const side = 6;
const inputShape = [side, side, 1] as const;
const preprocessor = new StandardPreprocessor({ scaling: 'unit' });

/** A bright bar in one of the rows: there is not more to know of an image than which. */
function bars(count: number, name: string, classes = 1): Sample[] {
  return Array.from({ length: count }, (_, index) => {
    const row = randomSource(name, index).integer(side);
    const pixels = Uint8Array.from({ length: side * side }, (_unused, at) =>
      Math.floor(at / side) === row ? 230 : 20,
    );
    return { id: `${name}${index}`, pixels, height: side, width: side, channels: 1, label: index % classes, weight: 1 };
  });
}

async function compiled(parameters: GivenParameters = {}) {
  const builder = new AutoencoderBuilder({ units: [24, 8, 24], ...parameters }, plainSetup);
  return { builder, ...(await builder.getCompiledModel({ tf, inputShape, classes: 0 })) };
}

describe('the autoencoder', () => {
  it('is 784-256-128-256-784 for images of 28x28 pixels, and gives back their shape', async () => {
    const { model } = await new AutoencoderBuilder().getCompiledModel({ tf, inputShape: [28, 28, 1], classes: 10 });
    const dense = model.layers.filter((layer) => layer.getClassName() === 'Dense');
    expect(dense.map((layer) => layer.outputShape)).toEqual([...[256, 128, 256, 784].map((units) => [null, units])]);
    expect(model.outputs[0]?.shape).toEqual([null, 28, 28, 1]);
    expect(outputActivation(model)).toBe('sigmoid');
    expect(checkExportable(model, Object.keys(exportFormats) as (keyof typeof exportFormats)[])).toEqual([]);
    model.dispose();
  });

  it('is trained before the sigmoid and the reshaping that it ends with', async () => {
    const { model } = await compiled();
    tf.tidy(() => {
      const input = tf.randomUniform([2, side, side, 1], 0, 1, 'float32', 3);
      const pass = { seed: tf.scalar(1, 'int32'), step: tf.scalar(1, 'int32') };
      const logits = trainingOutput(tf, model, input, pass);
      expect(logits.shape).toEqual([2, side, side, 1]);
      const given = [...tf.sigmoid(logits).dataSync()];
      const predicted = (model.predictOnBatch(input) as Tensor).dataSync();
      for (const [place, value] of given.entries()) expect(value).toBeCloseTo(predicted[place] as number, 6);
    });
    model.dispose();
  });

  it.each([
    ['mean_squared_error', 'sigmoid'],
    ['mean_squared_error', 'linear'],
    ['binary_crossentropy', 'sigmoid'],
  ] as const)('learns images without labels, by %s of what %s gives', async (loss, activation) => {
    const { model } = await compiled({ loss, output_activation: activation });
    const optimizer = adam.create(tf, trainableVariables(model), adam.parameters.parse({}));
    const dataset = await readDataset(
      new ListLoader({ training: bars(96, 't'), validation: bars(20, 'v'), test: bars(20, 'e') }, []),
      { learnsLabels: false },
    );
    const batches = { preprocessor, augmentor: null, batchSize: 16, seed: 1 };
    const guessing = await reconstruction.guessingLoss({
      ...{ model, loss, inputShape, network: 'autoencoder', classNames: [], batches },
      samples: dataset.loader.createTrainingGenerator(1),
    });
    let scores = new Float32Array();
    const history = await trainModel({
      ...{ tf, task: reconstruction, model, loss, optimizer, dataset, batches },
      ...{ ...plainTraining, epochs: 12 },
      learningRateAt: () => 0.01,
      onEpoch: (_record, given) => {
        scores = given as Float32Array<ArrayBuffer>;
        return false;
      },
    });
    const metrics = ['loss', 'mse', 'mae'];
    expect(Object.keys(history[0]?.values ?? {})).toEqual([
      ...metrics,
      ...metrics.map((key) => `val_${key}`),
      ...['learning_rate', 'epoch_seconds', 'samples_per_second'],
    ]);
    const { values } = history.at(-1) as (typeof history)[number];
    if (loss === 'mean_squared_error') {
      expect(values.loss).toBe(values.mse);
      expect(values.val_loss).toBeLessThan(guessing / 2);
    } else {
      expect(values.val_loss).toBeLessThan(guessing);
      // What there is of it in the images themselves cannot be learned away.
      expect(values.val_loss).toBeGreaterThan(values.val_mse as number);
    }
    expect(scores).toHaveLength(20 * 3);
    optimizer.dispose();
    model.dispose();
  });

  it('is not asked for the classes of the data', async () => {
    const parts = { training: bars(4, 't'), validation: bars(4, 'v', 2), test: bars(4, 'e', 3) };
    const loader = new ListLoader(parts, ['a', 'b', 'c']);
    await expect(readDataset(loader)).rejects.toThrow('is a validation sample of the class b, of which');
    expect((await readDataset(loader, { learnsLabels: false })).classNames).toEqual(['a', 'b', 'c']);
    await expect(listDataset(parts, [])).rejects.toThrow(
      'A network that tells classes apart cannot learn from data of ListLoader: it has no classes.',
    );
  });

  it('refuses images that it cannot give, and a network that gives less than it gets', async () => {
    const { model } = await compiled();
    const asked = (of: LayersModel, scaling: 'centered' | 'unit') =>
      reconstruction.guessingLoss({
        ...{ model: of, loss: 'mean_squared_error', inputShape, network: 'autoencoder', classNames: [] },
        samples: new ListLoader({ training: bars(4, 't'), validation: [], test: [] }, []).createTrainingGenerator(),
        batches: { preprocessor: new StandardPreprocessor({ scaling }), batchSize: 2, seed: 1 },
      });
    await expect(asked(model, 'centered')).rejects.toThrow(/^The image t\d has values from -0\.\d+ to 0\.\d+ as /);
    expect(await asked(model, 'unit')).toBeGreaterThan(0);
    const flat = tf.sequential({
      layers: [tf.layers.flatten({ inputShape: [side, side, 1] }), tf.layers.dense({ units: 9 })],
    });
    await expect(asked(flat, 'unit')).rejects.toMatchObject({
      message:
        'The network autoencoder gives 9 values (9) for an image of 36 (6, 6, 1): of a reconstruction there are equally many.',
      exitCode: 64,
    });
    model.dispose();
    flat.dispose();
  });
});

describe('the evaluator of reconstructions', () => {
  it('says how far the worst place of an image is off', () => {
    const { largest_error: largestError } = new ReconstructionEvaluator().getEvalFuncs();
    expect(largestError?.(Float32Array.of(0, 1, 0.5), Float32Array.of(0.25, 0.25, 0.5))).toBe(0.75);
  });
});
