import { layerClass, standardClassName } from './layer-class.ts';
import type { JsonObject, LayerView } from './layers-model.ts';

/** One layer or model in tfjs's `model.toJSON(null, false)`: snake_case throughout. */
export interface TopologyEntry {
  readonly class_name: string;
  readonly config: JsonObject;
  readonly inbound_nodes?: readonly (readonly InboundTensor[])[];
}

/** Layer name, node index, tensor index, further arguments of the call. */
export type InboundTensor = readonly [string, number, number, JsonObject?];

/**
 * A model's topology as it can be read without the program that made the model: class names are tfjs's own, and a
 * setting that tfjs forgets to write (the depth multiplier of a SeparableConv2D) is there.
 */
export function standardTopology(model: LayerView): TopologyEntry {
  const json = (model as unknown as { toJSON(unused: null, asText: false): object }).toJSON(null, false);
  return standardEntry(model, json as TopologyEntry);
}

function standardEntry(layer: LayerView, entry: TopologyEntry): TopologyEntry {
  const config: Record<string, unknown> = { ...entry.config };
  const kind = layerClass(layer).kind;
  const standardInner = (inner: LayerView | undefined, value: unknown) =>
    standardEntry(inner as LayerView, value as TopologyEntry);
  if (kind === 'sequential' || kind === 'functional') {
    config.layers = (config.layers as unknown[]).map((value, index) => standardInner(layer.layers?.[index], value));
  } else if (kind === 'bidirectional') {
    config.layer = standardInner(layer.forwardLayer, config.layer);
  } else if (kind === 'time-distributed') {
    config.layer = standardInner(layer.layer, config.layer);
  }
  const className = standardClassName(layer);
  // The depthwise kernel is [height, width, channels, multiplier].
  if (className === 'SeparableConv2D') config.depth_multiplier = layer.weights[0]?.shape[3] ?? 1;
  return { ...entry, class_name: className, config };
}
