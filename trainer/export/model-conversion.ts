import { SlipwayError } from '../../src/errors.ts';
import type { LayersModel } from '../tensorflow/library.ts';
import { type KerasObject, kerasConfig } from './keras-config.ts';
import { type PlacedWeight, placeWeights } from './keras-weights.ts';
import { layerView } from './layers-model.ts';
import { checkSharedLayers } from './shared-layers.ts';
import { standardTopology, type TopologyEntry } from './topology.ts';

/** A model's form, ready to be written for tfjs and for Keras. */
export interface ModelConversion {
  readonly topology: TopologyEntry;
  readonly kerasConfig: KerasObject;
  readonly weights: readonly PlacedWeight[];
  /** Number of values the model gives per example. */
  readonly outputs: number;
}

/** Throws an UnsupportedLayerError that names the layer which Keras or tfjs could not load as it is. */
export function convertModel(model: LayersModel): ModelConversion {
  const view = layerView(model);
  const topology = standardTopology(view);
  checkSharedLayers(view, topology);
  return {
    topology,
    kerasConfig: kerasConfig(view, topology),
    weights: placeWeights(view),
    outputs: outputCount(model),
  };
}

function outputCount(model: LayersModel): number {
  const shape = model.outputs[0]?.shape ?? [];
  const values = shape[1];
  if (model.inputs.length !== 1 || model.outputs.length !== 1 || shape.length !== 2 || values == null) {
    throw new SlipwayError(
      `only a model with one input and one output of shape [batch, values] can be exported; '${model.name}' has ` +
        `${model.inputs.length} inputs and the output shapes ${JSON.stringify(model.outputs.map((output) => output.shape))}`,
    );
  }
  return values;
}
