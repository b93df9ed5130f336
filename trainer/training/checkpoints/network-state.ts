import { createHash } from 'node:crypto';
import type { LayersModel, TensorFlow, Variable } from '../../tensorflow/library.ts';
import type { NamedTensor } from '../../tensorflow/named-tensor.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';

/** What a training changes: the network's weights and what its optimizer keeps of them. */
export interface TrainedState {
  readonly model: LayersModel;
  readonly optimizer: Pick<Optimizer, 'state'>;
}

interface NamedVariable {
  readonly name: string;
  readonly variable: Variable;
}

/**
 * The weights that a training can change, also those that move without a gradient (statistics of batch normalization).
 * Those of layers that are frozen stay as they were built and are not among them. Names are the same in every process:
 * `weights/3/dense/kernel`.
 */
function weightsOf(model: LayersModel): NamedVariable[] {
  const weights = model.layers.filter(({ trainable }) => trainable).flatMap((layer) => layer.weights);
  return weights.map((weight, index) => ({
    name: `weights/${index}/${weight.originalName}`,
    variable: weight.read() as Variable,
  }));
}

/** SHA-256 of the weights of layers that are frozen: a training goes on only with the same. */
export async function frozenDigest({ layers }: Pick<LayersModel, 'layers'>): Promise<string> {
  const hash = createHash('sha256');
  for (const weight of layers.filter(({ trainable }) => !trainable).flatMap((layer) => layer.weights)) {
    const { buffer, byteOffset, byteLength } = (await weight.read().data()) as Float32Array;
    hash.update(`${weight.shape.join('x')}\n`);
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}

function optimizerVariables({ state }: Pick<Optimizer, 'state'>): NamedVariable[] {
  return state.map(({ name, variable }) => ({ name: `optimizer/${name}`, variable }));
}

/** Copies everything out of the device, as it is now. */
export function readState({ model, optimizer }: TrainedState): Promise<NamedTensor[]> {
  return Promise.all(
    [...weightsOf(model), ...optimizerVariables(optimizer)].map(async ({ name, variable }) => ({
      name,
      shape: variable.shape,
      values: (await variable.data()) as Float32Array | Int32Array,
    })),
  );
}

/** Puts weights and optimizer back as they were. Throws an Error where they are those of another network or optimizer. */
export function restoreState(
  tf: TensorFlow,
  { model, optimizer }: TrainedState,
  tensors: readonly NamedTensor[],
): void {
  const wanted = tensors.filter(({ name }) => /^(weights|optimizer)\//.test(name));
  restore(tf, [...weightsOf(model), ...optimizerVariables(optimizer)], wanted);
}

/** Puts the weights back alone. */
export function restoreWeights(tf: TensorFlow, model: LayersModel, tensors: readonly NamedTensor[]): void {
  restore(
    tf,
    weightsOf(model),
    tensors.filter(({ name }) => name.startsWith('weights/')),
  );
}

function restore(tf: TensorFlow, variables: readonly NamedVariable[], tensors: readonly NamedTensor[]): void {
  const found = tensors.map(described);
  const expected = variables.map(({ name, variable: { shape } }) => described({ name, shape }));
  const place = Array.from({ length: Math.max(found.length, expected.length) }).findIndex(
    (_, index) => found[index] !== expected[index],
  );
  if (place >= 0) {
    throw new Error(`it holds ${found[place] ?? 'nothing'} where this training has ${expected[place] ?? 'nothing'}`);
  }
  tf.tidy(() => {
    for (const [index, { variable }] of variables.entries()) {
      const { values, shape } = tensors[index] as NamedTensor;
      variable.assign(tf.tensor(values, [...shape], variable.dtype as 'float32'));
    }
  });
}

function described({ name, shape }: Pick<NamedTensor, 'name' | 'shape'>): string {
  return `${name} [${shape.join(', ')}]`;
}
