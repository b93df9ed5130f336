import type { LayersModel } from '../tensorflow/library.ts';

/** A plain JSON object of unknown content. */
export type JsonObject = { readonly [key: string]: unknown };

/** A layer's weight: what the export needs of tfjs's `LayerVariable`. */
export interface WeightVariable {
  readonly originalName: string;
  readonly shape: readonly (number | null)[];
  readonly dtype: string;
  read(): { data(): Promise<Float32Array | Int32Array | Uint8Array> };
}

/** A layer: what the export needs of tfjs's `Layer`, with the parts of containers and wrappers. */
export interface LayerView {
  readonly name: string;
  readonly weights: readonly WeightVariable[];
  readonly trainableWeights: readonly WeightVariable[];
  readonly nonTrainableWeights: readonly WeightVariable[];
  getClassName(): string;
  /** Of a Sequential or Functional model. */
  readonly layers?: readonly LayerView[];
  readonly inputs?: readonly { readonly shape: readonly (number | null)[]; readonly dtype: string }[];
  readonly outputs?: readonly { readonly shape: readonly (number | null)[] }[];
  /** Of `Bidirectional`. */
  readonly forwardLayer?: LayerView;
  readonly backwardLayer?: LayerView;
  /** Of `TimeDistributed`. */
  readonly layer?: LayerView;
}

/** A tfjs model as a `LayerView`; tfjs declares the parts of wrappers protected. */
export function layerView(layer: LayersModel): LayerView {
  return layer as unknown as LayerView;
}
