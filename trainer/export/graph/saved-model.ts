import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { SlipwayError } from '../../../src/errors.ts';
import type { LayersModel, Tensor, TensorFlow } from '../../tensorflow/library.ts';
import { ProtobufMessage } from '../protobuf.ts';
import { type BatchGraph, graphOfAnyBatch } from './any-batch.ts';
import { type GraphDefinition, graphDefinition } from './graph-definition.ts';
import { recordForwardPass } from './recording.ts';
import { recordingBackend } from './recording-backend.ts';
import { dataTypes, shapeMessage } from './tensor-messages.ts';

/** Names of the ends in the signature `serving_default`. */
export const inputName = 'input';
export const outputName = 'output';

/** Two tell what grows with the batch, and how; the third has to agree. */
const batchSizes = [2, 3, 5];
const largestBytes = 2 ** 31 - 1;

/**
 * The forward pass of a model for a batch of any size, as TensorFlow operations.
 *
 * @throws UnsupportedLayerError for a layer that cannot be written as operations of its input.
 */
export function modelGraph(tf: TensorFlow, model: LayersModel): BatchGraph {
  if (model.inputs[0]?.shape[0] != null) {
    throw new SlipwayError(
      `model '${model.name}' takes batches of ${model.inputs[0].shape[0]} alone; a SavedModel takes any`,
      { hint: 'give the first layer an inputShape, not a batchInputShape' },
    );
  }
  return graphOfAnyBatch(batchSizes.map((size) => recordForwardPass(tf, model, size)));
}

/** Writes a model as TensorFlow's SavedModel, its weights as constants, and looks whether it predicts the same. */
export async function writeSavedModel(options: {
  readonly tf: TensorFlow;
  readonly model: LayersModel;
  readonly directory: string;
  /** Examples to predict, row-major. */
  readonly examples: Float32Array;
}): Promise<void> {
  const { tf, model, directory } = options;
  const graph = modelGraph(tf, model);
  const definition = graphDefinition(graph, recordingBackend(tf).binding);
  const message = savedModel(model, graph, definition);
  if (message.byteLength > largestBytes) {
    throw new SlipwayError(
      `model '${model.name}' has ${message.byteLength} bytes, but a SavedModel can hold ${largestBytes} at most`,
      { hint: 'leave savedmodel out of the formats' },
    );
  }
  await mkdir(directory, { recursive: true });
  await message.write(path.join(directory, 'saved_model.pb'));
  checkPredictions(options, definition);
}

/** A `SavedModel` (tensorflow/core/protobuf/saved_model.proto) with one `MetaGraphDef` for serving. */
function savedModel(model: LayersModel, { nodes }: BatchGraph, definition: GraphDefinition): ProtobufMessage {
  const { dtype, shape } = nodes[0] as { readonly dtype: string; readonly shape: readonly number[] };
  const tensorInfo = (name: string, type: string, lengths: readonly number[]) =>
    new ProtobufMessage()
      .string(1, name)
      .integer(2, dataTypes[type] as number)
      .message(3, shapeMessage([-1, ...lengths]));
  const outputShape = (model.outputs[0]?.shape ?? []).slice(1).map((length) => length ?? -1);
  const signature = new ProtobufMessage()
    .entry(1, inputName, tensorInfo(`${definition.input}:0`, dtype, shape.slice(1)))
    .entry(2, outputName, tensorInfo(definition.output, 'float32', outputShape))
    .string(3, 'tensorflow/serving/predict');
  const information = new ProtobufMessage().string(4, 'serve');
  const metaGraph = new ProtobufMessage()
    .message(1, information)
    .message(2, definition.message)
    .entry(5, 'serving_default', signature);
  return new ProtobufMessage().integer(1, 1).message(2, metaGraph);
}

/** Loads what was written with TensorFlow's own library, and compares it with the model, one example and several. */
function checkPredictions(
  { tf, model, directory, examples }: Parameters<typeof writeSavedModel>[0],
  { input, output }: GraphDefinition,
): void {
  const backend = recordingBackend(tf);
  const shape = (model.inputs[0]?.shape ?? []).slice(1) as number[];
  const dtype = (model.inputs[0]?.dtype ?? 'float32') as 'float32';
  const perExample = shape.reduce((product, length) => product * length, 1);
  const session = backend.loadSavedModelMetaGraph(directory, 'serve');
  try {
    for (const size of new Set([1, Math.min(4, examples.length / perExample)])) {
      tf.tidy(() => {
        const batch = tf.tensor(examples.slice(0, size * perExample), [size, ...shape], dtype);
        const [actual] = backend.runSavedModel(session, [batch], [{ name: `${input}:0`, dtype }], [output]) as [Tensor];
        const expected = model.predictOnBatch(batch) as Tensor;
        checkEqual(model.name, actual.dataSync(), expected.dataSync());
      });
    }
  } finally {
    backend.deleteSavedModel(session);
  }
}

function checkEqual(name: string, actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  let [largest, difference] = [0, actual.length === expected.length ? 0 : Number.POSITIVE_INFINITY];
  for (let index = 0; index < expected.length; index += 1) {
    // What is no number in both is equal.
    if (Object.is(actual[index], expected[index])) continue;
    largest = Math.max(largest, Math.abs(expected[index] as number));
    const distance = Math.abs((actual[index] as number) - (expected[index] as number));
    difference = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : Math.max(difference, distance);
  }
  // A GPU rounds more, and a graph is computed in another order.
  if (difference > 0.01 * largest) {
    throw new SlipwayError(
      `the SavedModel of model '${name}' predicts other numbers than the model (by ${difference}); it is not written`,
      { hint: 'leave savedmodel out of the formats, and tell us of the model' },
    );
  }
}
