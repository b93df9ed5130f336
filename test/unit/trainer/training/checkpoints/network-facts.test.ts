import { beforeAll, describe, expect, it } from 'vitest';
import { networkFacts } from '../../../../../trainer/resume.ts';
import type { LayersModel, TensorFlow } from '../../../../../trainer/tensorflow/library.ts';
import type { StoredCheckpoint } from '../../../../../trainer/training/checkpoints/checkpoint-folder.ts';
import type { TrainingRun } from '../../../../../trainer/training-run.ts';
import { quietTensorFlow } from '../../../../support/tensorflow.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = quietTensorFlow();
  await tf.ready();
});

/** A layer that is frozen and one that is not, whose weights are these values. */
function network(frozen: number, trained: number): LayersModel {
  const dense = (value: number, trainable: boolean) =>
    tf.layers.dense({ units: 2, inputShape: [2], trainable, kernelInitializer: tf.initializers.constant({ value }) });
  return tf.sequential({ layers: [dense(frozen, false), dense(trained, true)] });
}

const run = { configuration: { modelBuilder: { name: 'vgg16' } } } as TrainingRun;

describe('what must be the same of a network when its training goes on', () => {
  it('are the weights that are not trained, which a checkpoint does not hold', async () => {
    const document = await networkFacts(run, network(1, 2), null);
    const from = { document } as StoredCheckpoint;
    expect(await networkFacts(run, network(1, 3), from)).toEqual(document);
    await expect(networkFacts(run, network(4, 2), from)).rejects.toMatchObject({
      message: 'The weights of the network vgg16 that are not trained are not those with which the run was begun.',
      exitCode: 64,
    });
  });
});
