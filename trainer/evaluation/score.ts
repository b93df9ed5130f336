import { setImmediate as nextTurn } from 'node:timers/promises';
import { chunks, makeBatch } from '../data/batches.ts';
import type { Sample } from '../data/sample.ts';
import type { LayersModel, Tensor, TensorFlow } from '../tensorflow/library.ts';

/** How samples are scored. */
export interface ScoreOptions {
  readonly batchSize: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** The model's probability of the positive class for every sample, in their order. */
export async function scoreSamples(
  tf: TensorFlow,
  model: LayersModel,
  samples: readonly Sample[],
  options: ScoreOptions,
): Promise<Float32Array> {
  const scores = new Float32Array(samples.length);
  let done = 0;
  for (const members of chunks(samples, options.batchSize)) {
    const { height, width, channels } = members[0] as Sample;
    const { pixels } = makeBatch(members);
    const output = tf.tidy(() =>
      model.predictOnBatch(tf.tensor4d(pixels, [members.length, height, width, channels])),
    ) as Tensor;
    scores.set((await output.data()) as Float32Array, done);
    output.dispose();
    done += members.length;
    options.onProgress?.(done, samples.length);
    await nextTurn();
    options.signal?.throwIfAborted();
  }
  return scores;
}
