import type { LayersModel } from '../tensorflow/library.ts';

/** What the numbers that a model gives are. */
export type OutputKind = 'probabilities' | 'logits' | 'values';

/** What `classes.json` tells of a model's input and output. */
export interface OutputDescription {
  readonly class_names: readonly string[];
  readonly positive_class: string | null;
  /** From which value on a model with one output says the positive class. */
  readonly threshold: number | null;
  readonly output: OutputKind;
  readonly output_shape: readonly number[];
}

type Layer = LayersModel['layers'][number];

/** Layers that change neither a number nor what it means. */
const passing = ['Dropout', 'Flatten', 'Reshape'];

/**
 * What a model's output says of the classes: one number of two classes, one number a class of more. A model that gives
 * something else (an autoencoder) says nothing of classes, whatever classes its data have.
 */
export function describeOutput(
  model: LayersModel,
  classNames: readonly string[],
  threshold: number,
): OutputDescription {
  const shape = (model.outputs[0]?.shape ?? []).slice(1) as number[];
  const [count] = shape;
  const isOfClasses =
    shape.length === 1 &&
    classNames.length >= 2 &&
    (count === classNames.length || (count === 1 && classNames.length === 2));
  if (!isOfClasses) {
    return { class_names: [], positive_class: null, threshold: null, output: 'values', output_shape: shape };
  }
  const output = outputKind(model);
  const isBinary = count === 1;
  // Before the sigmoid the same border lies elsewhere.
  const border = output === 'logits' ? Math.log(threshold / (1 - threshold)) : threshold;
  return {
    class_names: classNames,
    positive_class: isBinary ? (classNames[1] as string) : null,
    threshold: isBinary ? border : null,
    output,
    output_shape: shape,
  };
}

function outputKind(model: LayersModel): OutputKind {
  const last = model.outputs[0]?.sourceLayer as Layer | undefined;
  return last === undefined ? 'values' : layerKind(last);
}

function layerKind(layer: Layer): OutputKind {
  const name = layer.getClassName();
  if (Array.isArray((layer as Partial<LayersModel>).layers)) return outputKind(layer as unknown as LayersModel);
  if (name === 'Softmax') return 'probabilities';
  if (passing.includes(name)) {
    const nodes = layer.inboundNodes as unknown as readonly { readonly inboundLayers: readonly Layer[] }[];
    const before = nodes[0]?.inboundLayers[0];
    return before === undefined ? 'values' : layerKind(before);
  }
  const { activation } = layer.getConfig() as { activation?: string };
  if (activation === 'sigmoid' || activation === 'softmax') return 'probabilities';
  // Without an activation a layer of weights gives logits; of other layers nothing is known.
  return activation === 'linear' && layer.weights.length > 0 ? 'logits' : 'values';
}
