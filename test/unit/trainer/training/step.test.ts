import { beforeAll, describe, expect, it } from 'vitest';
import { plainSetup } from '../../../../trainer/components/index.ts';
import { logLoss } from '../../../../trainer/evaluation/metrics.ts';
import { ConvolutionalBuilder } from '../../../../trainer/models/convolutional.ts';
import { ResnetBuilder } from '../../../../trainer/models/resnet.ts';
import { trainableVariables, trainingOutput } from '../../../../trainer/network/forward.ts';
import { randomSource } from '../../../../trainer/random.ts';
import type { LayersModel, Tensor, TensorFlow } from '../../../../trainer/tensorflow/library.ts';
import { adam } from '../../../../trainer/training/optimizers/adam.ts';
import { sgd } from '../../../../trainer/training/optimizers/sgd.ts';
import { trainingStep } from '../../../../trainer/training/step.ts';
import type { WeightPenalty } from '../../../../trainer/training/weight-penalty.ts';
import { quietTensorFlow } from '../../../support/tensorflow.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = quietTensorFlow();
  await tf.ready();
});

const size = 8;
const count = 6;

function images(): Float32Array {
  const random = randomSource('images');
  return Float32Array.from({ length: count * size * size }, () => random.between(-1, 1));
}

function withoutDropout(): LayersModel {
  const model = tf.sequential();
  const seed = 5;
  const kernelInitializer = tf.initializers.glorotUniform({ seed });
  model.add(tf.layers.flatten({ inputShape: [size, size, 1] }));
  model.add(tf.layers.dense({ units: 1, activation: 'sigmoid', kernelInitializer }));
  return model;
}

interface Outcome {
  readonly losses: number[];
  readonly scores: number[];
  readonly weights: number[];
}

/** Runs steps on one batch. `taken` tells which samples are in it. */
function run(
  model: LayersModel,
  steps: number,
  options: { weights?: number[]; taken?: number; penalty?: WeightPenalty; descent?: boolean } = {},
): Outcome {
  const { taken = count, penalty = null } = options;
  const variables = trainableVariables(model);
  const optimizer =
    options.descent === true
      ? sgd.create(tf, variables, sgd.parameters.parse({}))
      : adam.create(tf, variables, adam.parameters.parse({}));
  const setup = { model, loss: 'binary_crossentropy', labelSmoothing: 0, clipping: null, penalty, optimizer } as const;
  const result = tf.tidy(() => {
    const inputs = tf.tensor4d(images().subarray(0, taken * size * size), [taken, size, size, 1]);
    const targets = tf.tensor1d([1, 0, 1, 0, 1, 0].slice(0, taken));
    const weights = tf.tensor1d(options.weights ?? Array.from({ length: taken }, () => 1));
    const losses: number[] = [];
    let scores: number[] = [];
    for (let step = 1; step <= steps; step += 1) {
      const outcome = trainingStep(tf, setup, {
        inputs,
        targets,
        weights,
        learningRate: tf.scalar(0.01),
        step: tf.scalar(step, 'int32'),
        seed: tf.scalar(1, 'int32'),
      });
      losses.push(outcome.loss.dataSync()[0] as number);
      scores = [...outcome.scores.dataSync()];
      outcome.scores.dispose();
    }
    return { losses, scores, weights: model.getWeights().flatMap((weight) => [...weight.dataSync()]) };
  });
  optimizer.dispose();
  return result;
}

const network = (seed = 1): LayersModel =>
  new ConvolutionalBuilder({}, { ...plainSetup, seed }).getCompiledModel({
    tf,
    inputShape: [size, size, 1],
    classes: 2,
  }).model;

describe('weights that cost something', () => {
  it('add l1 times their sizes and l2 times their squares to the loss, the kernels alone, as regularizers of layers do', () => {
    const plain = withoutDropout();
    const kernel = plain.getWeights()[0] as Tensor;
    const numbers = [...kernel.dataSync()];
    const sum = (of: (value: number) => number): number => numbers.reduce((total, value) => total + of(value), 0);
    const wanted = 0.01 * sum(Math.abs) + 0.1 * sum((value) => value * value);
    const [costly] = run(withoutDropout(), 1, { penalty: { l1: 0.01, l2: 0.1 } }).losses as [number];
    const [free] = run(plain, 1).losses as [number];
    expect(costly - free).toBeCloseTo(wanted, 5);
    const regularized = tf.sequential();
    regularized.add(tf.layers.flatten({ inputShape: [size, size, 1] }));
    const kernelInitializer = tf.initializers.glorotUniform({ seed: 5 });
    const kernelRegularizer = tf.regularizers.l1l2({ l1: 0.01, l2: 0.1 });
    regularized.add(tf.layers.dense({ units: 1, activation: 'sigmoid', kernelInitializer, kernelRegularizer }));
    const descent = true;
    const own = run(regularized, 5, { descent });
    const ours = run(withoutDropout(), 5, { penalty: { l1: 0.01, l2: 0.1 }, descent });
    for (const [index, loss] of ours.losses.entries()) expect(loss).toBeCloseTo(own.losses[index] as number, 5);
    for (const [index, value] of ours.weights.entries()) expect(value).toBeCloseTo(own.weights[index] as number, 6);
  });
});

describe('trainingStep', () => {
  it('gives the log loss of the scores it gives, and the scores the model had before it', () => {
    const model = withoutDropout();
    const predicted = tf.tidy(() => {
      const input = tf.tensor4d(images(), [count, size, size, 1]);
      return [...(model.predictOnBatch(input) as ReturnType<typeof tf.tensor>).dataSync()];
    });
    const { losses, scores } = run(model, 1);
    for (const [index, score] of scores.entries()) expect(score).toBeCloseTo(predicted[index] as number, 6);
    expect(losses[0]).toBeCloseTo(logLoss([1, 0, 1, 0, 1, 0], scores), 6);
  });

  it('lowers the loss of a batch it sees again and again', () => {
    const { losses } = run(network(), 40);
    expect(losses.at(-1)).toBeLessThan((losses[0] as number) / 3);
  });

  it('does not learn from a sample of weight 0', () => {
    const alone = run(withoutDropout(), 3, { taken: 3 });
    const together = run(withoutDropout(), 3, { weights: [1, 1, 1, 0, 0, 0] });
    for (const [index, weight] of together.weights.entries())
      expect(weight).toBeCloseTo(alone.weights[index] as number, 5);
  });

  it('learns nothing from a batch of samples of weight 0', () => {
    const { losses, weights } = run(withoutDropout(), 1, { weights: [0, 0, 0, 0, 0, 0] });
    expect(losses).toEqual([0]);
    expect(weights).toEqual(
      withoutDropout()
        .getWeights()
        .flatMap((weight) => [...weight.dataSync()]),
    );
  });

  it('gives equal results for equal seeds, and leaves no tensor behind', () => {
    const first = run(network(), 3);
    const before = tf.memory().numTensors;
    const model = network();
    expect(run(model, 3)).toEqual(first);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('trainingOutput', () => {
  it('has dropout in it, keyed by the step', () => {
    tf.tidy(() => {
      const model = network();
      const input = tf.tensor4d(images(), [count, size, size, 1]);
      const logits = (step: number): string =>
        String(
          trainingOutput(tf, model, input, { seed: tf.scalar(1, 'int32'), step: tf.scalar(step, 'int32') }).dataSync(),
        );
      expect(logits(1)).toBe(logits(1));
      expect(logits(2)).not.toBe(logits(1));
    });
  });

  it('gives the output itself of a network that ends otherwise', () => {
    tf.tidy(() => {
      const model = tf.sequential();
      model.add(tf.layers.flatten({ inputShape: [size, size, 1] }));
      const pass = { seed: tf.scalar(1, 'int32'), step: tf.scalar(1, 'int32') };
      expect(trainingOutput(tf, model, tf.ones([1, size, size, 1]), pass).shape).toEqual([1, 64]);
    });
  });

  it('follows branches, and normalizes by the batch unless that is frozen', () => {
    tf.tidy(() => {
      const model = new ResnetBuilder({ blocks: 1, filters: [4, 8] }).getCompiledModel({
        tf,
        inputShape: [size, size, 1],
        classes: 3,
      }).model;
      const input = tf.tensor4d(images(), [count, size, size, 1]);
      const pass = { seed: tf.scalar(1, 'int32'), step: tf.scalar(1, 'int32') };
      const given = (): string => String(trainingOutput(tf, model, input, pass).dataSync());
      const moving = (): string => String(model.layers.map((layer) => layer.getWeights().map((w) => w.dataSync())));
      const [before, trained] = [moving(), given()];
      expect(moving()).not.toBe(before);
      for (const layer of model.layers) layer.trainable = false;
      const frozen = moving();
      expect(given()).not.toBe(trained);
      expect(moving()).toBe(frozen);
      // What is frozen gives what a prediction gives, before softmax.
      const predicted = [...(model.predictOnBatch(input) as Tensor).dataSync()];
      const softmax = [...tf.softmax(trainingOutput(tf, model, input, pass)).dataSync()];
      for (const [index, value] of softmax.entries()) expect(value).toBeCloseTo(predicted[index] as number, 5);
    });
  });
});
