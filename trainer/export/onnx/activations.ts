import type { OnnxAttributes, OnnxGraph, OnnxValue } from './graph.ts';

type Write = (graph: OnnxGraph, name: string, value: OnnxValue) => OnnxValue;

const plain = (operation: string, attributes: OnnxAttributes = {}): Write => {
  return (graph, name, value) => graph.node(operation, `${name}/${operation}`, [value], attributes);
};

/** Over the last axis, so that channels are last. */
const overLastAxis = (operation: string): Write => {
  return (graph, name, value) => plain(operation, { axis: -1 })(graph, name, graph.inLayout(value, 'channels-last'));
};

/** All activations that ONNX computes as tfjs does, by tfjs's names. */
export const onnxActivations: Readonly<Record<string, Write>> = {
  linear: (_graph, _name, value) => value,
  elu: plain('Elu'),
  logSoftmax: overLastAxis('LogSoftmax'),
  relu: plain('Relu'),
  relu6: (graph, name, value) => clipped(graph, name, value, 6),
  selu: plain('Selu'),
  sigmoid: plain('Sigmoid'),
  softmax: overLastAxis('Softmax'),
  softplus: plain('Softplus'),
  softsign: plain('Softsign'),
  swish: (graph, name, value) => graph.node('Mul', `${name}/swish`, [value, plain('Sigmoid')(graph, name, value)]),
  tanh: plain('Tanh'),
};

/** What is below 0 is 0, and what is above a limit is that. */
export function clipped(graph: OnnxGraph, name: string, value: OnnxValue, limit: number): OnnxValue {
  const ends = [graph.floats(`${name}/lowest`, [], [0]), graph.floats(`${name}/highest`, [], [limit])];
  return graph.node('Clip', `${name}/Clip`, [value, ...ends]);
}
