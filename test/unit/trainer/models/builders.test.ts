import { beforeAll, describe, expect, it } from 'vitest';
import { type GivenParameters, plainSetup, type Sample } from '../../../../trainer/components/index.ts';
import { StandardPreprocessor } from '../../../../trainer/data/preprocessors/standard.ts';
import { tasks } from '../../../../trainer/evaluation/tasks/index.ts';
import { checkExportable } from '../../../../trainer/export/index.ts';
import { modelBuilders } from '../../../../trainer/models/index.ts';
import { trainableVariables } from '../../../../trainer/network/forward.ts';
import { randomSource } from '../../../../trainer/random.ts';
import type { TensorFlow } from '../../../../trainer/tensorflow/library.ts';
import { type TrainingOptions, trainModel } from '../../../../trainer/training/loop.ts';
import { adam } from '../../../../trainer/training/optimizers/adam.ts';
import { listDataset } from '../../../support/list-loader.ts';
import { plainTraining } from '../../../support/plain-training.ts';
import { quietTensorFlow } from '../../../support/tensorflow.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = quietTensorFlow();
  await tf.ready();
});

const classNames = ['left', 'middle', 'right'];

/** A bright bar stands left, in the middle or right. */
function bars(count: number, name: string, classes: number): Sample[] {
  return Array.from({ length: count }, (_, index) => {
    const random = randomSource(name, index);
    const label = index % classes;
    const pixels = Uint8Array.from({ length: 144 }, (_unused, place) =>
      Math.floor((place % 12) / 4) === label ? 150 + random.integer(100) : random.integer(100),
    );
    return { id: `${name}${index}`, pixels, height: 12, width: 12, channels: 1, label, weight: 1 };
  });
}

async function train(name: string, classes: number, options: Partial<TrainingOptions> = {}) {
  const Builder = modelBuilders[name] as NonNullable<(typeof modelBuilders)[string]>;
  const small: Record<string, GivenParameters> = { resnet: { blocks: 1, filters: [8, 16] } };
  const builder = new Builder(small[name] ?? {}, plainSetup);
  const { model, loss } = await builder.getCompiledModel({ tf, inputShape: [12, 12, 1], classes });
  expect(() => checkExportable(model)).not.toThrow();
  const optimizer = adam.create(tf, trainableVariables(model), adam.parameters.parse({}));
  const names = classNames.slice(0, classes);
  const parts = { training: bars(96, 'training', classes), validation: bars(30, 'validation', classes) };
  let scores = new Float32Array();
  try {
    const history = await trainModel({
      ...{
        tf,
        task: tasks[builder.task],
        model,
        loss,
        optimizer,
        ...plainTraining,
      },
      ...{ epochs: 4 },
      dataset: await listDataset(parts, names),
      batches: { preprocessor: new StandardPreprocessor(), augmentor: null, batchSize: 16, seed: 1 },
      learningRateAt: () => 0.003,
      onEpoch: (_record, given) => {
        scores = given as Float32Array<ArrayBuffer>;
        return false;
      },
      ...options,
    });
    return { history, scores, model };
  } finally {
    optimizer.dispose();
    model.dispose();
  }
}

/** Those that tell classes apart; VGG16 has tests of its own, since it is too large for what these need. */
const classifiers = Object.entries(modelBuilders).flatMap(([name, Builder]) =>
  name !== 'vgg16' && new Builder().task === 'classification' ? [name] : [],
);

describe.each(classifiers)('the network %s', (name) => {
  it.each([2, 3])('tells %i classes apart', async (classes) => {
    const epochs = name === 'resnet' ? 12 : 4;
    const { history, scores } = await train(name, classes, { epochs });
    expect(history.at(-1)?.values.accuracy).toBeGreaterThan(0.9);
    expect(history.at(-1)?.values.loss).toBeLessThan((history[0]?.values.loss as number) / 2);
    // Probabilities, also where the network gives logits.
    expect(scores).toHaveLength(classes === 2 ? 30 : 90);
    for (const score of scores) expect(score >= 0 && score <= 1).toBe(true);
    if (classes === 3) expect((scores[0] as number) + (scores[1] as number) + (scores[2] as number)).toBeCloseTo(1, 5);
  });
});

describe('a training', () => {
  it('of many classes gives every metric, as of two', async () => {
    const { history } = await train('mlp', 3);
    const keys = ['loss', 'accuracy', 'auc', 'precision', 'recall'];
    expect(Object.keys(history[0]?.values ?? {})).toEqual([
      ...keys,
      ...keys.map((key) => `val_${key}`),
      ...['learning_rate', 'epoch_seconds', 'samples_per_second'],
    ]);
    expect(history.at(-1)?.values.val_auc).toBeGreaterThan(0.9);
  });

  it('ends after so many steps, within an epoch, too', async () => {
    let steps = 0;
    const { history } = await train('mlp', 2, { maxSteps: 8, onBatch: () => (steps += 1) });
    expect(steps).toBe(8);
    expect(history).toHaveLength(2);
  });

  it('ends where it is told that it is enough', async () => {
    const { history } = await train('mlp', 2, { epochs: 9, onEpoch: ({ epoch }) => epoch === 2 });
    expect(history).toHaveLength(2);
  });

  it('has a learning rate of each step', async () => {
    const asked: number[] = [];
    const { history } = await train('mlp', 2, {
      epochs: 2,
      learningRateAt: (step) => {
        asked.push(step);
        return 0.01 / step;
      },
    });
    // 6 steps an epoch, and what is logged of its last.
    expect(asked).toEqual([1, 2, 3, 4, 5, 6, 6, 7, 8, 9, 10, 11, 12, 12]);
    expect(history[1]?.values.learning_rate).toBeCloseTo(0.01 / 12, 10);
  });

  it('with smoothed labels is less sure', async () => {
    const sure = await train('mlp', 3, { epochs: 6 });
    const smooth = await train('mlp', 3, { epochs: 6, labelSmoothing: 0.3 });
    expect(Math.max(...smooth.scores)).toBeLessThan(Math.max(...sure.scores));
  });
});
