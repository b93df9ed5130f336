import type { LayersModel, Scalar, Tensor, TensorFlow, Variable } from '../tensorflow/library.ts';
import { dropout } from './dropout.ts';

/** What makes a pass a training pass. */
export interface TrainingPass {
  readonly seed: Scalar;
  readonly step: Scalar;
}

/** What the last layer applies to its numbers and a loss had better not see applied; null where it is something else. */
export type OutputActivation = 'linear' | 'sigmoid' | 'softmax' | null;

type Layer = LayersModel['layers'][number];

/** The part of a layer's place in a network that tfjs does not declare. */
interface LayerNode {
  readonly inputTensors: readonly { readonly id: number }[];
  readonly outputTensors: readonly { readonly id: number }[];
}

/** The layer's variables themselves: `read` returns them, though it is declared as returning tensors. */
export function trainableVariables(model: LayersModel): Variable[] {
  return model.trainableWeights.map((weight) => weight.read() as Variable);
}

/**
 * The activation of the layer that the network ends with, where that layer is dense and has a bias. What comes after it
 * and gives the numbers another shape alone is looked through, unless the activation is one over all of them.
 */
export function outputActivation(model: LayersModel): OutputActivation {
  const last = model.layers[lastComputing(model)];
  if (last?.getClassName() !== 'Dense' || last.weights.length !== 2) return null;
  const { activation } = last.getConfig() as { activation: string };
  if (activation === 'linear' || activation === 'sigmoid') return activation;
  return activation === 'softmax' && last === model.layers.at(-1) ? activation : null;
}

/** Place of the last layer that does more than to give numbers another shape. */
function lastComputing({ layers }: LayersModel): number {
  let place = layers.length - 1;
  while (place > 0 && ['Reshape', 'Flatten'].includes((layers[place] as Layer).getClassName())) {
    const { inputTensors } = (layers[place] as Layer).inboundNodes[0] as unknown as LayerNode;
    const { outputTensors } = (layers[place - 1] as Layer).inboundNodes[0] as unknown as LayerNode;
    if (inputTensors[0]?.id !== outputTensors[0]?.id) break;
    place -= 1;
  }
  return place;
}

/**
 * Runs a network in training, up to what its last dense layer gives before its activation; where it ends otherwise, up
 * to its output. Each layer does its own work but for dropout, whose masks are keyed by seed, step and the layer's place
 * in the network, and for normalization that is frozen: it uses its moving statistics and leaves them, as in Keras.
 */
export function trainingOutput(tf: TensorFlow, model: LayersModel, input: Tensor, pass: TrainingPass): Tensor {
  const known = new Map<number, Tensor>();
  known.set((model.inputs[0] as { id: number }).id, input);
  const withoutActivation = outputActivation(model) === null ? -1 : lastComputing(model);
  let values = input;
  for (const [index, layer] of model.layers.entries()) {
    if (layer.getClassName() === 'InputLayer') continue;
    const { inputs, node } = inputsOf(layer, known);
    values =
      index === withoutActivation ? denseLogits(tf, layer, inputs[0] as Tensor) : run(tf, layer, index, inputs, pass);
    for (const output of node.outputTensors) known.set(output.id, values);
  }
  return values;
}

/** A layer that stands in several networks has a node in each: the one of this network is that whose inputs are known. */
function inputsOf(layer: Layer, known: ReadonlyMap<number, Tensor>): { inputs: Tensor[]; node: LayerNode } {
  for (const node of layer.inboundNodes as unknown as readonly LayerNode[]) {
    const inputs = node.inputTensors.map(({ id }) => known.get(id));
    if (inputs.length > 0 && inputs.every((value) => value !== undefined)) return { inputs, node };
  }
  throw new TypeError(`The layer ${layer.name} gets its input from outside the network.`);
}

function run(tf: TensorFlow, layer: Layer, index: number, inputs: Tensor[], pass: TrainingPass): Tensor {
  const [first] = inputs as [Tensor];
  const name = layer.getClassName();
  if (name === 'Dropout') {
    const { rate } = layer.getConfig() as { rate: number };
    return dropout(tf, first, rate, { ...pass, layer: index });
  }
  const training = name !== 'BatchNormalization' || layer.trainable;
  return layer.call(inputs.length === 1 ? first : inputs, { training }) as Tensor;
}

function denseLogits(tf: TensorFlow, layer: Layer, input: Tensor): Tensor {
  const [kernel, bias] = layer.weights.map((weight) => weight.read());
  return tf.add(tf.matMul(input as Tensor<never>, kernel as Tensor<never>), bias as Tensor);
}
