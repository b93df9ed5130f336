import type { LayersModel, Scalar, Tensor, TensorFlow, Variable } from '../tensorflow/library.ts';
import { dropout } from './dropout.ts';

/** What makes a pass a training pass. */
export interface TrainingPass {
  readonly seed: Scalar;
  readonly step: Scalar;
}

/** The layer's variables themselves: `read` returns them, though it is declared as returning tensors. */
export function trainableVariables(model: LayersModel): Variable[] {
  return model.trainableWeights.map((weight) => weight.read() as Variable);
}

/**
 * Runs a sequential network in training, up to what its last dense layer gives before the sigmoid: [batch, 1].
 * Each layer does its own work but for dropout, whose masks are keyed by seed and step.
 */
export function trainingLogits(tf: TensorFlow, model: LayersModel, input: Tensor, pass: TrainingPass): Tensor {
  const last = model.layers.length - 1;
  let values = input;
  for (const [index, layer] of model.layers.entries()) {
    const name = layer.getClassName();
    if (name === 'Dropout') {
      const { rate } = layer.getConfig() as { rate: number };
      values = dropout(tf, values, rate, { ...pass, layer: index });
    } else if (index === last) {
      const [kernel, bias] = layer.trainableWeights.map((weight) => weight.read());
      if (name !== 'Dense' || kernel === undefined || bias === undefined) {
        throw new TypeError(`The network must end with a dense layer with bias, not with ${name}.`);
      }
      values = tf.add(tf.matMul(values as Tensor<never>, kernel as Tensor<never>), bias);
    } else {
      values = layer.call(values, { training: true }) as Tensor;
    }
  }
  return values;
}
