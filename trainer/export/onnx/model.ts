import { SlipwayError } from '../../../src/errors.ts';
import type { LayersModel } from '../../tensorflow/library.ts';
import { standardClassName } from '../layer-class.ts';
import { type LayerView, layerView } from '../layers-model.ts';
import { ProtobufMessage } from '../protobuf.ts';
import { UnsupportedLayerError } from '../unsupported-layer-error.ts';
import { OnnxGraph, type OnnxValue } from './graph.ts';
import { onnxLayers } from './layers.ts';

/** Old enough for every runtime of the last years, new enough for all that is written here. */
const [irVersion, operatorSet] = [7, 13];
const largestBytes = 2 ** 31 - 1;

/** The parts of tfjs's symbolic tensors that it does not declare. */
interface Symbolic {
  readonly id: number;
  readonly shape: readonly (number | null)[];
  readonly sourceLayer: LayerView & {
    readonly inboundNodes: readonly { readonly inputTensors: readonly Symbolic[] }[];
    getConfig(): Readonly<Record<string, unknown>>;
  };
  readonly nodeIndex: number;
}

type Container = Omit<LayerView, 'inputs' | 'outputs'> & {
  readonly inputs: readonly Symbolic[];
  readonly outputs: readonly Symbolic[];
};

/**
 * A model as ONNX's `ModelProto` (onnx/onnx.proto), its weights read when it is written. Input and output have the
 * shapes of the model's own, channels last, for a batch of any size.
 *
 * @throws UnsupportedLayerError for a layer that the table of layers does not hold.
 */
export function onnxModel(model: LayersModel): ProtobufMessage {
  const view = layerView(model) as unknown as Container;
  const input = view.inputs[0] as Symbolic & { readonly dtype: string };
  if (input.dtype !== 'float32') throw new UnsupportedLayerError(model.name, `its input is ${input.dtype}`, 'onnx');
  const graph = new OnnxGraph();
  const source: OnnxValue = { name: 'input', shape: exampleShape(input), layout: 'channels-last' };
  const [output] = written(graph, view, [source]) as [OnnxValue];
  return new ProtobufMessage()
    .integer(1, irVersion)
    .string(2, 'slipway')
    .message(7, graph.finish(model.name, source, output))
    .message(8, new ProtobufMessage().string(1, '').integer(2, operatorSet));
}

/** Throws a SlipwayError for a model that no protobuf message can hold. */
export function checkOnnxSize(model: LayersModel, message: ProtobufMessage): void {
  if (message.byteLength <= largestBytes) return;
  throw new SlipwayError(
    `model '${model.name}' has ${message.byteLength} bytes, but a file of ONNX can hold ${largestBytes} at most`,
    { hint: 'leave onnx out of the formats' },
  );
}

/** Writes the layers of a model, or of a model in a model, for the given inputs, and gives its outputs. */
function written(graph: OnnxGraph, container: Container, inputs: readonly OnnxValue[]): OnnxValue[] {
  const values = new Map(container.inputs.map(({ id }, index) => [id, inputs[index] as OnnxValue]));
  const valueFor = (tensor: Symbolic): OnnxValue => {
    const known = values.get(tensor.id);
    if (known !== undefined) return known;
    const layer = tensor.sourceLayer;
    const sources = layer.inboundNodes[tensor.nodeIndex]?.inputTensors ?? [];
    if (sources.length === 0) {
      throw new UnsupportedLayerError(layer.name, 'its input comes from outside of its model', 'onnx');
    }
    const value = layerValue(graph, tensor, sources.map(valueFor) as [OnnxValue, ...OnnxValue[]]);
    values.set(tensor.id, value);
    return value;
  };
  return container.outputs.map(valueFor);
}

function layerValue(graph: OnnxGraph, tensor: Symbolic, inputs: [OnnxValue, ...OnnxValue[]]): OnnxValue {
  const layer = tensor.sourceLayer;
  if (Array.isArray(layer.layers)) {
    return written(graph, layer as unknown as Container, inputs)[0] as OnnxValue;
  }
  const className = standardClassName(layer);
  const convert = onnxLayers[className];
  if (convert === undefined) {
    throw new UnsupportedLayerError(layer.name, `this exporter has no ONNX for the class ${className}`, 'onnx');
  }
  if (tensor.shape.slice(1).includes(null)) {
    throw new UnsupportedLayerError(layer.name, 'the shape of its output is not known before it is computed', 'onnx');
  }
  const { name, weights } = layer;
  return convert({ graph, name, config: layer.getConfig(), weights, inputs, outputShape: exampleShape(tensor) });
}

function exampleShape({ shape }: Symbolic): number[] {
  return shape.slice(1) as number[];
}
