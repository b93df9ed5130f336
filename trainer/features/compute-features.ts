import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Batch } from '../components/batch.ts';
import type { Preprocessor } from '../components/preprocessor.ts';
import { batchesOf } from '../data/batches.ts';
import { type Dataset, type SplitName, samplesOf } from '../data/dataset.ts';
import type { LayersModel, Tensor, TensorFlow } from '../tensorflow/library.ts';
import type { WriteFeatures } from './feature-cache.ts';

/** What the first convolutions of a batch may take, in MiB; their outputs are the largest. */
const batchMiB = 64;
const batchSamplesAtMost = 32;

/** Whose features, and how they are computed. */
export interface FeatureTask {
  readonly tf: TensorFlow;
  /** From the network's input to the features. */
  readonly base: LayersModel;
  readonly dataset: Dataset;
  readonly preprocessor: Preprocessor<object>;
  readonly signal: AbortSignal;
}

/**
 * Computes the features of a part, batch by batch. Every batch has the same size, the last one filled up with zeros: the
 * library's last digits may differ with the size of a batch, and the features of a sample are to depend on it alone.
 * Throws the signal's reason after the batch in which it was given.
 */
export async function computeFeatures(
  { tf, base, dataset, preprocessor, signal }: FeatureTask,
  part: SplitName,
  write: WriteFeatures,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const samples = samplesOf(dataset, part);
  const batchSize = batchSizeFor(base);
  const seed = dataset.loader.setup.seed;
  let done = 0;
  for await (const { batch, samples: members } of batchesOf(samples, {
    ...{ preprocessor, batchSize, seed, augmentor: null, epoch: 1 },
  })) {
    const features = tf.tidy(() => base.predictOnBatch(filledUp(tf, batch, batchSize)) as Tensor);
    const values = (await features.data()) as Float32Array;
    features.dispose();
    const length = values.length / batchSize;
    await write(
      members.map(({ id }) => id),
      values.subarray(0, members.length * length),
    );
    done += batch.size;
    onProgress(done, samples.count);
    await nextTurn();
    signal.throwIfAborted();
  }
}

function filledUp(tf: TensorFlow, { inputs, shape, size }: Batch, batchSize: number): Tensor {
  const whole = new Float32Array((inputs.length / size) * batchSize);
  whole.set(inputs);
  return tf.tensor(whole, [batchSize, ...shape]);
}

/** As many samples as their largest values have room for, whatever the batch size of the training. */
function batchSizeFor(base: LayersModel): number {
  const sizes = base.layers.map(({ outputShape }) =>
    (outputShape as (number | null)[]).reduce<number>((product, length) => product * (length ?? 1), 4),
  );
  const samples = Math.floor((batchMiB * 1024 * 1024) / Math.max(...sizes));
  return Math.min(batchSamplesAtMost, Math.max(1, samples));
}

/** SHA-256 of a model's layers and weights. */
export async function modelDigest(model: LayersModel): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(model.toJSON(null, false)));
  for (const weight of model.weights) {
    const values = (await weight.read().data()) as Float32Array;
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}
