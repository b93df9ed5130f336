import type { WeightVariable } from '../layers-model.ts';
import { UnsupportedLayerError } from '../unsupported-layer-error.ts';
import { clipped, onnxActivations } from './activations.ts';
import type { OnnxAttributes, OnnxGraph, OnnxValue } from './graph.ts';
import { transposedWindowAttributes, type Window, windowAttributes } from './windows.ts';

/** A use of a layer that is to be written. */
export interface OnnxCall {
  readonly graph: OnnxGraph;
  readonly name: string;
  /** As tfjs's `getConfig` tells it. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly weights: readonly WeightVariable[];
  readonly inputs: readonly [OnnxValue, ...OnnxValue[]];
  /** Of one example. */
  readonly outputShape: readonly number[];
}

type Convert = (call: OnnxCall) => OnnxValue;

const last = { layout: 'channels-last' } as const;
const first = { layout: 'channels-first' } as const;

const unchanged: Convert = ({ inputs }) => inputs[0];

/** All layers that ONNX can express, by tfjs's class name. */
export const onnxLayers: Readonly<Record<string, Convert>> = {
  Activation: (call) => activated(call, call.inputs[0]),
  Add: merge('Add'),
  AlphaDropout: unchanged,
  Average: merge('Mean'),
  AveragePooling2D: pooling('AveragePool', { count_include_pad: 0 }),
  BatchNormalization: batchNormalization,
  Concatenate: concatenate,
  Conv2D: (call) => convolution(call, call.graph.weight(call.weights[0] as WeightVariable, [3, 2, 0, 1]), 1),
  Conv2DTranspose: transposedConvolution,
  Dense: dense,
  DepthwiseConv2D: depthwiseConvolution,
  Dropout: unchanged,
  ELU: ({ graph, name, config, inputs }) =>
    graph.node('Elu', name, [inputs[0]], { alpha: { float: config.alpha as number } }),
  Flatten: reshape,
  GaussianDropout: unchanged,
  GaussianNoise: unchanged,
  GlobalAveragePooling2D: globalPooling('ReduceMean'),
  GlobalMaxPooling2D: globalPooling('ReduceMax'),
  LeakyReLU: ({ graph, name, config, inputs }) =>
    graph.node('LeakyRelu', name, [inputs[0]], { alpha: { float: config.alpha as number } }),
  MaxPooling2D: pooling('MaxPool', {}),
  Maximum: merge('Max'),
  Minimum: merge('Min'),
  Multiply: merge('Mul'),
  ReLU: ({ graph, name, config, inputs }) =>
    config.maxValue == null
      ? graph.node('Relu', name, [inputs[0]])
      : clipped(graph, name, inputs[0], config.maxValue as number),
  Rescaling: ({ graph, name, config, inputs }) => {
    const scale = graph.floats(`${name}/scale`, [], [config.scale as number]);
    const offset = graph.floats(`${name}/offset`, [], [config.offset as number]);
    return graph.node('Add', name, [graph.node('Mul', `${name}/Mul`, [inputs[0], scale]), offset]);
  },
  Reshape: reshape,
  Softmax: ({ graph, name, config, inputs }) => {
    const { axis } = config as { axis: number | readonly number[] };
    const [along = -1] = [axis].flat();
    return graph.node('Softmax', name, [graph.inLayout(inputs[0], 'channels-last')], { axis: along });
  },
  SpatialDropout1D: unchanged,
  UpSampling2D: upSampling,
  ZeroPadding2D: zeroPadding,
};

function activated({ graph, name, config }: OnnxCall, value: OnnxValue): OnnxValue {
  const activation = String(config.activation ?? 'linear');
  const write = onnxActivations[activation];
  if (write === undefined)
    throw new UnsupportedLayerError(name, `ONNX has no activation equal to '${activation}'`, 'onnx');
  return write(graph, name, value);
}

/** Channels last is what tfjs computes by default; what else there is, nobody's models use. */
function checkedImage({ name, config, inputs }: OnnxCall): OnnxValue {
  if (config.dataFormat === 'channelsFirst') throw new UnsupportedLayerError(name, 'it has its channels first', 'onnx');
  return inputs[0];
}

/** Values in one layout: that of the first. */
function merge(operation: string): Convert {
  return ({ graph, name, inputs, outputShape }) => {
    // Where shapes are broadcast, only the model's own layout broadcasts as it does.
    const isEven = inputs.every(({ shape }) => shape.length === outputShape.length);
    const layout = isEven ? inputs[0].layout : last.layout;
    const values = inputs.map((value) => graph.inLayout(value, layout));
    // Some take two values alone.
    return values.slice(1).reduce<OnnxValue>(
      (sum, value, index) =>
        graph.node(
          operation,
          index === 0 ? name : `${name}/${index}`,
          operation === 'Mean' ? values : [sum, value],
          {},
          {
            shape: outputShape,
            layout,
          },
        ),
      values[0] as OnnxValue,
    );
  };
}

function concatenate({ graph, name, config, inputs, outputShape }: OnnxCall): OnnxValue {
  const axis = (config.axis as number | undefined) ?? -1;
  const rank = outputShape.length + 1;
  const isOfChannels = rank === 4 && (axis + rank) % rank === 3 && inputs[0].layout === 'channels-first';
  const layout = isOfChannels ? first.layout : last.layout;
  const values = inputs.map((value) => graph.inLayout(value, layout));
  return graph.node('Concat', name, values, { axis: isOfChannels ? 1 : axis }, { shape: outputShape, layout });
}

function convolution(call: OnnxCall, filters: string, group: number): OnnxValue {
  const { graph, name, config, weights, outputShape } = call;
  const input = checkedImage(call);
  const attributes = { ...windowAttributes(config as unknown as Window, input.shape.slice(0, 2)), group };
  const values = [
    graph.inLayout(input, 'channels-first'),
    filters,
    ...weights.slice(1).map((bias) => graph.weight(bias)),
  ];
  return activated(call, graph.node('Conv', `${name}/Conv`, values, attributes, { shape: outputShape, ...first }));
}

/** A convolution in as many groups as there are channels. */
function depthwiseConvolution(call: OnnxCall): OnnxValue {
  const kernel = call.weights[0] as WeightVariable;
  const [height, width, channels, multiplier] = kernel.shape as [number, number, number, number];
  const filters = call.graph.weight(kernel, [2, 3, 0, 1], [channels * multiplier, 1, height, width]);
  return convolution(call, filters, channels);
}

function transposedConvolution(call: OnnxCall): OnnxValue {
  const { graph, name, config, weights, outputShape } = call;
  const input = checkedImage(call);
  const [kernel, bias] = weights as [WeightVariable, WeightVariable?];
  const sizes = [input.shape.slice(0, 2), outputShape.slice(0, 2)] as const;
  const attributes = transposedWindowAttributes(config as unknown as Window, ...sizes);
  const values = [
    graph.inLayout(input, 'channels-first'),
    graph.weight(kernel, [3, 2, 0, 1]),
    ...(bias === undefined ? [] : [graph.weight(bias)]),
  ];
  const output = graph.node('ConvTranspose', `${name}/ConvTranspose`, values, attributes, {
    shape: outputShape,
    ...first,
  });
  return activated(call, output);
}

function dense(call: OnnxCall): OnnxValue {
  const { graph, name, weights, outputShape } = call;
  const [kernel, bias] = weights as [WeightVariable, WeightVariable?];
  const input = graph.inLayout(call.inputs[0], 'channels-last');
  const output = { shape: outputShape, ...last };
  const product = graph.node('MatMul', `${name}/MatMul`, [input, graph.weight(kernel)], {}, output);
  return activated(
    call,
    bias === undefined ? product : graph.node('Add', `${name}/Add`, [product, graph.weight(bias)]),
  );
}

function pooling(operation: string, attributes: OnnxAttributes): Convert {
  return (call) => {
    const { graph, name, config, outputShape } = call;
    const input = checkedImage(call);
    const window = { ...config, kernelSize: config.poolSize } as unknown as Window;
    const all = { ...windowAttributes(window, input.shape.slice(0, 2)), ...attributes };
    return graph.node(operation, name, [graph.inLayout(input, 'channels-first')], all, {
      shape: outputShape,
      ...first,
    });
  };
}

function globalPooling(operation: string): Convert {
  return (call) => {
    const input = checkedImage(call);
    const axes = input.layout === 'channels-first' ? [2, 3] : [1, 2];
    const output = { shape: call.outputShape, ...last };
    return call.graph.node(operation, call.name, [input], { axes, keepdims: 0 }, output);
  };
}

function batchNormalization({ graph, name, config, weights, inputs, outputShape }: OnnxCall): OnnxValue {
  const { axis, epsilon, scale, center } = config as { axis: number; epsilon: number; scale: boolean; center: boolean };
  const rank = outputShape.length + 1;
  if ((axis !== -1 && axis !== rank - 1) || (rank !== 2 && rank !== 4)) {
    throw new UnsupportedLayerError(name, 'it normalizes along another axis than the channels of images', 'onnx');
  }
  const rest = [...weights];
  const channels = outputShape.at(-1) as number;
  const same = (what: string, value: number) =>
    graph.floats(`${name}/${what}`, [channels], Array(channels).fill(value));
  const gamma = scale ? graph.weight(rest.shift() as WeightVariable) : same('gamma', 1);
  const beta = center ? graph.weight(rest.shift() as WeightVariable) : same('beta', 0);
  const moments = rest.map((weight) => graph.weight(weight));
  const values = [graph.inLayout(inputs[0], 'channels-first'), gamma, beta, ...moments];
  return graph.node('BatchNormalization', name, values, { epsilon: { float: epsilon } });
}

function reshape({ graph, name, inputs, outputShape }: OnnxCall): OnnxValue {
  const shape = graph.integers(`${name}/shape`, [-1, ...outputShape]);
  const input = graph.inLayout(inputs[0], 'channels-last');
  return graph.node('Reshape', name, [input, shape], {}, { shape: outputShape, ...last });
}

function upSampling(call: OnnxCall): OnnxValue {
  const { graph, name, config, outputShape } = call;
  const input = graph.inLayout(checkedImage(call), 'channels-first');
  const [height, width] = config.size as [number, number];
  if (config.interpolation !== undefined && config.interpolation !== 'nearest') {
    throw new UnsupportedLayerError(name, `ONNX places the samples of ${config.interpolation} differently`, 'onnx');
  }
  const scales = graph.floats(`${name}/scales`, [4], [1, 1, height, width]);
  const attributes = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  return graph.node('Resize', name, [input, '', scales], attributes, { shape: outputShape, ...first });
}

function zeroPadding(call: OnnxCall): OnnxValue {
  const { graph, name, config, outputShape } = call;
  const input = checkedImage(call);
  const [[top, bottom], [left, right]] = config.padding as [[number, number], [number, number]];
  const isFirst = input.layout === 'channels-first';
  const pads = isFirst ? [0, 0, top, left, 0, 0, bottom, right] : [0, top, left, 0, 0, bottom, right, 0];
  return graph.node(
    'Pad',
    name,
    [input, graph.integers(`${name}/pads`, pads)],
    { mode: 'constant' },
    {
      shape: outputShape,
      layout: input.layout,
    },
  );
}
