import { errorMessage } from '../src/errors.ts';
import { prepareLibraryEnvironment, type TrainerEnvironment } from './config.ts';
import { ConvolutionalBuilder } from './models/convolutional.ts';
import { trainableVariables } from './network/forward.ts';
import { nodeBackend } from './tensorflow/backend.ts';
import { checkDevice } from './tensorflow/device.ts';
import { loadTensorFlow, type Scalar, type TensorFlow } from './tensorflow/library.ts';
import { adam } from './training/optimizers/adam.ts';
import { trainingStep } from './training/step.ts';

/** What `--self-check` answers, as one line of JSON. */
export interface SelfCheck {
  readonly ok: boolean;
  /** What does not work, in words; null where all does. */
  readonly problem: string | null;
  /** Version of TensorFlow's library; null where it could not be loaded. */
  readonly tensorflow: string | null;
  readonly device: 'CPU' | 'GPU' | null;
  /** Of the one step. */
  readonly loss: number | null;
  readonly durationMs: number;
}

const imageSize = 16;
const batchSize = 8;

/** Loads TensorFlow and trains one step of a small network on noise: what a run needs of it, and nothing else. */
export function selfCheck(environment: TrainerEnvironment): SelfCheck {
  const startedAtMs = performance.now();
  const known: { tensorflow: string | null; device: SelfCheck['device']; loss: number | null } = {
    tensorflow: null,
    device: null,
    loss: null,
  };
  let problem: string | null = null;
  try {
    prepareLibraryEnvironment(0);
    const tf = loadTensorFlow();
    const backend = nodeBackend(tf);
    known.tensorflow = backend.binding.TF_Version ?? null;
    known.device = backend.isUsingGpuDevice ? 'GPU' : 'CPU';
    checkDevice(backend, environment.gpus);
    const { loss, moved } = oneStep(tf);
    known.loss = loss;
    if (!Number.isFinite(loss)) problem = `the loss of a training step is ${loss}`;
    else if (!(moved > 0)) problem = 'a training step moves no weight';
  } catch (error) {
    problem = errorMessage(error);
  }
  const finite = known.loss !== null && Number.isFinite(known.loss) ? known.loss : null;
  return {
    ok: problem === null,
    problem,
    ...known,
    loss: finite,
    durationMs: Math.round(performance.now() - startedAtMs),
  };
}

/** The loss of a step, and how far the weights moved in it. */
function oneStep(tf: TensorFlow): { readonly loss: number; readonly moved: number } {
  return tf.tidy(() => {
    const builder = new ConvolutionalBuilder({ convolutions: 1 });
    const { model, loss: name } = builder.getCompiledModel({ tf, inputShape: [imageSize, imageSize, 3], classes: 2 });
    const weights = trainableVariables(model);
    const before = weights.map((weight) => tf.clone(weight));
    const optimizer = adam.create(tf, weights, adam.parameters.parse({}));
    const setup = { model, loss: name, labelSmoothing: 0, clipping: null, penalty: null, optimizer };
    const { loss } = trainingStep(tf, setup, {
      inputs: tf.randomUniform([batchSize, imageSize, imageSize, 3], 0, 1, 'float32', 1),
      targets: tf.tensor1d(Array.from({ length: batchSize }, (_, index) => index % 2)),
      weights: tf.ones([batchSize]),
      learningRate: tf.scalar(0.001),
      step: tf.scalar(1, 'int32'),
      seed: tf.scalar(1, 'int32'),
    });
    const distances = weights.map((weight, index) => tf.sum(tf.abs(tf.sub(weight, before[index]!))));
    const moved = tf.addN(distances.map((distance) => tf.reshape(distance, []))) as Scalar;
    return { loss: loss.dataSync()[0] ?? Number.NaN, moved: moved.dataSync()[0] ?? Number.NaN };
  });
}
