import { layerClass } from './layer-class.ts';
import type { LayerView, WeightVariable } from './layers-model.ts';

/** One weight and its place in `model.weights.h5`. */
export interface PlacedWeight {
  /** `layers/<class>[_n]/vars/<index>`. */
  readonly path: string;
  readonly weight: WeightVariable;
}

/**
 * Where Keras 3 looks for each weight of a model (`_save_state` and `_save_container_state` in
 * `keras/src/saving/saving_lib.py`): by the layers' classes and their order, not by the layers' names.
 */
export function placeWeights(model: LayerView): PlacedWeight[] {
  return placeLayer(model, '');
}

function placeLayer(layer: LayerView, path: string): PlacedWeight[] {
  const target = layerClass(layer);
  switch (target.kind) {
    case 'sequential':
      // Keras leaves the InputLayer out of a Sequential's layers, not out of a Functional's.
      return placeLayers(
        (layer.layers ?? []).filter((inner) => layerClass(inner).kind !== 'input'),
        `${path}layers/`,
      );
    case 'functional':
      return placeLayers(layer.layers ?? [], `${path}layers/`);
    case 'bidirectional':
      return [
        ...placeLayer(layer.forwardLayer as LayerView, `${path}forward_layer/`),
        ...placeLayer(layer.backwardLayer as LayerView, `${path}backward_layer/`),
      ];
    case 'time-distributed':
      return placeLayer(layer.layer as LayerView, `${path}layer/`);
    case 'input':
      return [];
    case 'plain': {
      const holder = target.conversion.weightsIn === undefined ? path : `${path}${target.conversion.weightsIn}/`;
      return layer.weights.map((weight, index) => ({ path: `${holder}vars/${index}`, weight }));
    }
  }
}

function placeLayers(layers: readonly LayerView[], path: string): PlacedWeight[] {
  const timesUsed = new Map<string, number>();
  return layers.flatMap((layer) => {
    const name = toSnakeCase(layerClass(layer).name);
    const times = timesUsed.get(name) ?? 0;
    timesUsed.set(name, times + 1);
    return placeLayer(layer, `${path}${times === 0 ? name : `${name}_${times}`}/`);
  });
}

/** Keras's own rule, with its peculiarities: `Conv2D` is `conv2d`, `PReLU` is `p_re_lu` (`keras/src/utils/naming.py`). */
export function toSnakeCase(name: string): string {
  return name
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
