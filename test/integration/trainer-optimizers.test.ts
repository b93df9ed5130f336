import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TensorFlow, Variable } from '../../trainer/tensorflow/library.ts';
import { optimizers } from '../../trainer/training/optimizers/index.ts';
import type { Optimizer } from '../../trainer/training/optimizers/optimizer.ts';
import { pythonPath, temporaryDirectory } from '../support/index.ts';
import { random } from '../support/random-numbers.ts';
import { quietTensorFlow } from '../support/tensorflow.ts';

type Parameters = Readonly<Record<string, unknown>>;

interface Case {
  readonly keras: string;
  /** What Keras must be told to be this optimizer. */
  readonly always?: Parameters;
  /** Parameters that are not its defaults. */
  readonly others: readonly Parameters[];
}

/** Each optimizer by its name in Keras. */
const cases: Readonly<Record<string, Case>> = {
  sgd: {
    keras: 'SGD',
    others: [{ momentum: 0.8 }, { weight_decay: 0.01, exclude_from_weight_decay: ['bias'] }],
  },
  momentum: { keras: 'SGD', always: { momentum: 0.9 }, others: [{ momentum: 0.7, nesterov: true }] },
  rmsprop: {
    keras: 'RMSprop',
    others: [{ rho: 0.8, momentum: 0.5, epsilon: 1e-3 }, { centered: true }, { centered: true, momentum: 0.9 }],
  },
  adam: {
    keras: 'Adam',
    others: [{ amsgrad: true }, { beta_1: 0.8, beta_2: 0.95, epsilon: 1e-4, weight_decay: 0.1 }],
  },
  adamw: {
    keras: 'AdamW',
    others: [
      { weight_decay: 0.1, amsgrad: true },
      { weight_decay: 0.5, exclude_from_weight_decay: ['bias', 'gamma'] },
    ],
  },
  adagrad: { keras: 'Adagrad', others: [{ initial_accumulator_value: 0.5, epsilon: 1e-3, weight_decay: 0.1 }] },
  adadelta: { keras: 'Adadelta', others: [{ rho: 0.8, epsilon: 1e-4, weight_decay: 0.1 }] },
};

const stepCount = 20;
const shapes = { 'layer/kernel': [4, 3], 'layer/bias': [3] };
const next = random(8);
/** Values of float32: of either sign, not so near to zero that a relative error says nothing. */
const values = (count: number, size: number) =>
  Array.from({ length: count }, () => Math.fround(size * (next() < 0.5 ? -1 : 1) * (0.5 + next())));
const start = Object.values(shapes).map((shape) => values(count(shape), 1));
const gradients = Array.from({ length: stepCount }, (_, step) =>
  // From small to large, and none at all in one step: an optimizer's memory then moves on its own.
  Object.values(shapes).map((shape) => values(count(shape), step === 7 ? 0 : 10 ** ((step % 5) - 3))),
);
const learningRates = Array.from({ length: stepCount }, (_, step) => Math.fround(0.02 / (1 + step)));

function count(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Reads the setting and the cases, and prints for each the variables after the last step. */
const keras = `
import json, sys
import keras, numpy as np
with open(sys.argv[1]) as file:
    given = json.load(file)
results = []
for name, parameters in given["cases"]:
    excluded = parameters.pop("exclude_from_weight_decay", [])
    optimizer = getattr(keras.optimizers, name)(**parameters)
    default_learning_rate = float(optimizer.learning_rate.numpy())
    optimizer.exclude_from_weight_decay(var_names=excluded)
    arrays = lambda lists: [
        np.array(values, np.float32).reshape(shape) for values, shape in zip(lists, given["shapes"].values())]
    variables = [
        keras.Variable(value, name=name.split("/")[-1])
        for value, name in zip(arrays(given["start"]), given["shapes"])]
    for rate, gradients in zip(given["learning_rates"], given["gradients"]):
        optimizer.learning_rate = rate
        optimizer.apply([keras.ops.convert_to_tensor(gradient) for gradient in arrays(gradients)], variables)
    results.append({
        "variables": [value for variable in variables for value in variable.numpy().ravel().tolist()],
        "default_learning_rate": default_learning_rate,
    })
print(json.dumps(results))
`;

interface KerasResult {
  readonly variables: readonly number[];
  readonly default_learning_rate: number;
}

/** All in one Python: importing Keras is what takes time. */
async function inKeras(asked: readonly (readonly [string, Parameters])[]): Promise<KerasResult[]> {
  await using folder = await temporaryDirectory();
  const file = folder.join('cases.json');
  await writeFile(file, JSON.stringify({ cases: asked, shapes, start, gradients, learning_rates: learningRates }));
  const { stdout } = await promisify(execFile)(await pythonPath(), ['-c', keras, file], {
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '', KERAS_BACKEND: 'tensorflow' },
    maxBuffer: 16 * 1024 * 1024,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as KerasResult[];
}

let tf: TensorFlow;
beforeAll(async () => {
  tf = quietTensorFlow();
  await tf.ready();
});

interface Training {
  readonly variables: readonly Variable[];
  readonly optimizer: Optimizer;
}

let trainings = 0;

function begin(name: string, given: Parameters, from: readonly (readonly number[])[] = start): Training {
  trainings += 1;
  const variables = Object.entries(shapes).map(([label, shape], index) =>
    tf.tidy(() => tf.variable(tf.tensor(from[index] as number[], shape), true, `${label}_${trainings}`)),
  );
  const definition = optimizers[name];
  if (definition === undefined) throw new Error(`no optimizer ${name}`);
  return { variables, optimizer: definition.create(tf, variables, definition.parameters.parse(given)) };
}

function steps({ optimizer }: Training, from: number, to: number): void {
  for (let step = from; step <= to; step += 1) {
    tf.tidy(() => {
      const given = Object.values(shapes).map((shape, index) =>
        tf.tensor(gradients[step - 1]?.[index] as number[], shape),
      );
      optimizer.apply(given, tf.scalar(learningRates[step - 1] as number), tf.scalar(step, 'int32'));
    });
  }
}

function end({ variables, optimizer }: Training): void {
  optimizer.dispose();
  tf.dispose([...variables]);
}

const contents = (variables: readonly Variable[]) => variables.map((variable) => [...variable.dataSync()]);
const settings = Object.entries(cases).flatMap(([name, { others }]) =>
  [{}, ...others].map((given): [string, Parameters] => [name, given]),
);

describe('the optimizers', () => {
  it('are all compared with Keras', () => {
    expect(Object.keys(cases)).toEqual(Object.keys(optimizers));
  });

  it('move variables as those of Keras do, and have its learning rates', async () => {
    const expected = await inKeras(
      settings.map(([name, given]) => [cases[name]?.keras as string, { ...cases[name]?.always, ...given }]),
    );
    for (const [index, [name, given]] of settings.entries()) {
      const { variables = [], default_learning_rate: rate } = expected[index] ?? {};
      const training = begin(name, given);
      steps(training, 1, stepCount);
      const difference = Math.max(
        ...contents(training.variables)
          .flat()
          .map((value, place) => Math.abs(value / (variables[place] as number) - 1)),
      );
      end(training);
      expect(difference, `${name} ${JSON.stringify(given)}`).toBeLessThan(1e-6);
      expect(rate, name).toBe(Math.fround(optimizers[name]?.defaultLearningRate ?? 0));
    }
  });

  it.each(settings)('go on from a checkpoint as if there had been none: %s %j', (name, given) => {
    const whole = begin(name, given);
    steps(whole, 1, 10);
    const resumed = begin(name, given, contents(whole.variables));
    expect(resumed.optimizer.state.map((kept) => kept.name)).toEqual(whole.optimizer.state.map((kept) => kept.name));
    expect(new Set(whole.optimizer.state.map((kept) => kept.name)).size).toBe(whole.optimizer.state.length);
    for (const [index, { variable }] of resumed.optimizer.state.entries()) {
      const { variable: kept } = whole.optimizer.state[index] as Optimizer['state'][number];
      tf.tidy(() => variable.assign(tf.tensor(kept.dataSync(), kept.shape)));
    }
    steps(whole, 11, 20);
    steps(resumed, 11, 20);
    expect(contents(resumed.variables)).toEqual(contents(whole.variables));
    end(whole);
    end(resumed);
  });

  it.each(settings)('leave no tensors: %s %j', (name, given) => {
    const before = tf.memory().numTensors;
    const training = begin(name, given);
    const atStart = tf.memory().numTensors;
    expect(atStart).toBe(before + training.variables.length + training.optimizer.state.length);
    steps(training, 1, stepCount);
    expect(tf.memory().numTensors).toBe(atStart);
    end(training);
    expect(tf.memory().numTensors).toBe(before);
  });
});
