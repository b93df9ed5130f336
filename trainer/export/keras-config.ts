import { activations, constraints, hardSigmoidReason, initializers } from './keras-layers.ts';
import { type LayerClass, layerClass } from './layer-class.ts';
import type { JsonObject, LayerView } from './layers-model.ts';
import type { InboundTensor, TopologyEntry } from './topology.ts';
import { UnsupportedLayerError } from './unsupported-layer-error.ts';

/** A Keras 3 object: `{module, class_name, config, registered_name}` (`keras/src/saving/serialization_lib.py`). */
export interface KerasObject {
  readonly module: string;
  readonly class_name: string;
  readonly config: JsonObject;
  readonly registered_name: string | null;
}

/** The configuration (`config.json` of a .keras archive) of a Sequential or Functional tfjs model. */
export function kerasConfig(model: LayerView, topology: TopologyEntry): KerasObject {
  return convertLayer(model, topology);
}

function convertLayer(layer: LayerView, entry: TopologyEntry): KerasObject {
  const target = layerClass(layer);
  switch (target.kind) {
    case 'sequential':
      return convertSequential(layer, entry);
    case 'functional':
      return convertFunctional(layer, entry);
    case 'input':
      return inputLayer(layer.name, entry.config.batch_input_shape, entry.config.dtype);
    case 'bidirectional':
      return wrapper(target.name, layer, entry, layer.forwardLayer as LayerView, ['merge_mode']);
    case 'time-distributed':
      return wrapper(target.name, layer, entry, layer.layer as LayerView, []);
    case 'plain':
      return convertPlain(layer, entry, target);
  }
}

/** tfjs tells the input's shape on the first layer; Keras 3 wants an InputLayer. */
function convertSequential(model: LayerView, entry: TopologyEntry): KerasObject {
  const entries = entry.config.layers as readonly TopologyEntry[];
  const input = model.inputs?.[0];
  if (input === undefined) throw new UnsupportedLayerError(model.name, 'the model was not built');
  const layers = [inputLayer(`${model.name}_input`, input.shape, input.dtype)];
  for (const [index, layer] of (model.layers ?? []).entries()) {
    if (layerClass(layer).kind !== 'input') layers.push(convertLayer(layer, entries[index] as TopologyEntry));
  }
  return keras('keras', 'Sequential', { name: model.name, trainable: true, dtype: 'float32', layers });
}

function convertFunctional(model: LayerView, entry: TopologyEntry): KerasObject {
  const entries = entry.config.layers as readonly TopologyEntry[];
  const modelLayers = model.layers ?? [];
  const kinds = new Map(modelLayers.map((layer) => [layer.name, layerClass(layer).kind]));
  // tfjs counts the graph inside a nested model as that model's node 0. Keras does so for nested Functionals in
  // input_layers and output_layers alone.
  const shift = (name: string) => (kinds.get(name) === 'functional' || kinds.get(name) === 'sequential' ? 1 : 0);
  const layers = modelLayers.map((layer, index) => {
    const layerEntry = entries[index] as TopologyEntry;
    const nodes = (layerEntry.inbound_nodes ?? []).map((node) => {
      checkCall(layer, node);
      return node.map(([name, nodeIndex, tensorIndex]) => [name, nodeIndex - shift(name), tensorIndex, {}]);
    });
    return { ...convertLayer(layer, layerEntry), name: layer.name, inbound_nodes: nodes };
  });
  const ends = (key: string) =>
    singleOrList(
      (entry.config[key] as readonly InboundTensor[]).map(([name, nodeIndex, tensorIndex]) => [
        name,
        kinds.get(name) === 'functional' ? nodeIndex : nodeIndex - shift(name),
        tensorIndex,
      ]),
    );
  return {
    module: 'keras.src.models.functional',
    class_name: 'Functional',
    config: {
      name: model.name,
      trainable: true,
      layers,
      input_layers: ends('input_layers'),
      output_layers: ends('output_layers'),
    },
    registered_name: 'Functional',
  };
}

function convertPlain(
  layer: LayerView,
  entry: TopologyEntry,
  target: Extract<LayerClass, { kind: 'plain' }>,
): KerasObject {
  const { conversion } = target;
  for (const [key, why] of Object.entries(conversion.refuse ?? {})) {
    const reason = why(entry.config[key]);
    if (reason !== null) throw new UnsupportedLayerError(layer.name, reason);
  }
  // The entry's name: a Bidirectional renames its inner layer, and Keras would do so again.
  const config: Record<string, unknown> = { name: entry.config.name ?? layer.name };
  if (conversion.hasTrainable !== false) config.trainable = entry.config.trainable ?? true;
  config.dtype = 'float32';
  for (const [key, value] of Object.entries(entry.config)) {
    const name = conversion.rename?.[key] ?? (conversion.keep.includes(key) ? key : null);
    if (name !== null) setArgument(config, layer, name, value);
  }
  return keras('keras.layers', target.name, config);
}

function setArgument(config: Record<string, unknown>, layer: LayerView, name: string, value: unknown): void {
  if (value === null || value === undefined) {
    config[name] = null;
  } else if (name.endsWith('activation')) {
    config[name] = checkActivation(layer, String(value));
  } else if (name.endsWith('_initializer')) {
    // Without effect once the weights are loaded, so one of the program's own is left to Keras's default.
    const initializer = value as TopologyEntry;
    if (initializers.includes(initializer.class_name)) {
      config[name] = keras('keras.initializers', initializer.class_name, initializer.config);
    }
  } else if (name.endsWith('_regularizer')) {
    config[name] = known(layer, 'regularizer', ['L1L2'], value as TopologyEntry);
  } else if (name.endsWith('_constraint')) {
    config[name] = known(layer, 'constraint', constraints, value as TopologyEntry);
  } else if (name === 'target_shape') {
    config[name] = (value as (number | null)[]).map((size) => size ?? -1);
  } else {
    config[name] = value;
  }
}

function checkActivation(layer: LayerView, name: string): string {
  if (name === 'hard_sigmoid') throw new UnsupportedLayerError(layer.name, hardSigmoidReason);
  if (!activations.includes(name)) {
    throw new UnsupportedLayerError(layer.name, `Keras has no activation equal to '${name}'`);
  }
  return name;
}

function known(layer: LayerView, kind: string, names: readonly string[], value: TopologyEntry): KerasObject {
  if (!names.includes(value.class_name)) {
    throw new UnsupportedLayerError(layer.name, `Keras has no ${kind} ${value.class_name}`);
  }
  return keras(`keras.${kind}s`, value.class_name, value.config);
}

function wrapper(
  name: string,
  layer: LayerView,
  entry: TopologyEntry,
  inner: LayerView,
  keep: readonly string[],
): KerasObject {
  const kept = Object.fromEntries(keep.map((key) => [key, entry.config[key]]));
  if (kept.merge_mode === null) throw new UnsupportedLayerError(layer.name, 'it has no merge mode');
  const innerEntry = entry.config.layer as TopologyEntry;
  const innerConfig = convertLayer(inner, innerEntry);
  return keras('keras.layers', name, {
    name: layer.name,
    trainable: entry.config.trainable ?? true,
    dtype: 'float32',
    ...kept,
    layer: innerConfig,
  });
}

/** Keras takes several tensors only in merging layers, and tfjs's further call arguments not at all. */
function checkCall(layer: LayerView, node: readonly InboundTensor[]): void {
  const target = layerClass(layer);
  const isRecurrent = target.kind === 'bidirectional' || (target.kind === 'plain' && 'weightsIn' in target.conversion);
  if (isRecurrent && node.length > 1) throw new UnsupportedLayerError(layer.name, 'it is given an initial state');
  if (node.some((tensor) => Object.keys(tensor[3] ?? {}).length > 0)) {
    throw new UnsupportedLayerError(layer.name, 'it is called with further arguments');
  }
}

function inputLayer(name: string, shape: unknown, dtype: unknown): KerasObject {
  return keras('keras.layers', 'InputLayer', { batch_shape: shape, dtype: dtype ?? 'float32', sparse: false, name });
}

function keras(module: string, className: string, config: JsonObject): KerasObject {
  return { module, class_name: className, config, registered_name: null };
}

function singleOrList<T>(values: readonly T[]): T | readonly T[] {
  return values.length === 1 ? (values[0] as T) : values;
}
