import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LossName } from '../components/model-builder.ts';
import type { SampleGenerator } from '../components/sample.ts';
import { type BatchOptions, batchesOf } from '../data/batches.ts';
import { outputActivation } from '../network/forward.ts';
import { asScores } from '../network/loss.ts';
import type { LayersModel, Tensor, TensorFlow } from '../tensorflow/library.ts';
import type { ScoreTaker } from './meter.ts';

/** How samples are scored. */
export interface ScoreOptions {
  readonly tf: TensorFlow;
  readonly model: LayersModel;
  readonly loss: LossName;
  readonly batches: Pick<BatchOptions, 'preprocessor' | 'batchSize' | 'seed'>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Tells, as a meter wants it, what the network gives for every sample, in their order; probabilities where there are classes. */
export async function scoreSamples(samples: SampleGenerator, taker: ScoreTaker, options: ScoreOptions): Promise<void> {
  const { tf, model, loss, batches, signal } = options;
  // What is predicted has been through the last activation, unless that is linear.
  const activation = outputActivation(model) === 'linear' ? 'linear' : null;
  let done = 0;
  for await (const { batch } of batchesOf(samples, { ...batches, augmentor: null, epoch: 1 })) {
    const output = tf.tidy(() => {
      const values = model.predictOnBatch(tf.tensor(batch.inputs, [batch.size, ...batch.shape])) as Tensor;
      return asScores(tf, values, loss, activation);
    });
    taker.add(batch, (await output.data()) as Float32Array);
    output.dispose();
    done += batch.size;
    options.onProgress?.(done, samples.count);
    await nextTurn();
    signal?.throwIfAborted();
  }
}
