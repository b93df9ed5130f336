import type { SymbolicTensor } from '@tensorflow/tfjs-node-gpu';
import { z } from 'zod';
import { UsageError } from '../../src/errors.ts';
import { type CompiledModel, ModelBuilder, type ModelTask } from '../components/model-builder.ts';
import type { TensorFlow } from '../tensorflow/library.ts';
import { classOutput, glorotUniform, heNormal } from './shared.ts';

const parameters = z.strictObject({
  blocks: z.int().min(1).max(18).default(2).describe('Residual blocks of each stage, with two convolutions each.'),
  filters: z
    .array(z.int().min(1).max(2048))
    .min(1)
    .max(5)
    .default([16, 32, 64])
    .describe('Filters of each stage; from the second on each halves the image.'),
});

/**
 * A small residual network with batch normalization (He et al. 2015, https://arxiv.org/abs/1512.03385, section 4.2):
 * stages of residual blocks, the mean over the image, and the probabilities of the classes.
 */
export class ResnetBuilder extends ModelBuilder<z.output<typeof parameters>> {
  static override readonly parameters = parameters;

  override getCompiledModel({ tf, inputShape, classes }: ModelTask): CompiledModel {
    const { blocks, filters } = this.parameters;
    const most = Math.floor(Math.log2(Math.min(inputShape[0], inputShape[1]))) + 1;
    if (filters.length > most) {
      throw new UsageError(
        `Setting model_builder.filters has ${filters.length} stages, but an image of ${inputShape[1]}x${inputShape[0]} pixels can be halved only ${most - 1} times.`,
      );
    }
    const { seed } = this.setup;
    const input = tf.input({ shape: [...inputShape], name: 'image' });
    let values = normalized(tf, seed, input, { name: 'stem', filters: filters[0] as number, strides: 1 });
    for (const [stage, count] of filters.entries()) {
      for (let block = 0; block < blocks; block += 1) {
        const strides = stage > 0 && block === 0 ? 2 : 1;
        values = residual(tf, seed, values, { name: `stage_${stage + 1}_block_${block + 1}`, filters: count, strides });
      }
    }
    const pooled = tf.layers.globalAveragePooling2d({ name: 'mean' }).apply(values) as SymbolicTensor;
    const { loss, ...output } = classOutput(classes);
    const kernelInitializer = glorotUniform(tf, seed, 'score');
    const scores = tf.layers.dense({ name: 'score', kernelInitializer, ...output }).apply(pooled) as SymbolicTensor;
    return { model: tf.model({ inputs: input, outputs: scores, name: 'resnet' }), loss };
  }
}

interface Convolution {
  readonly name: string;
  readonly filters: number;
  readonly strides: number;
}

function residual(tf: TensorFlow, seed: number, input: SymbolicTensor, block: Convolution): SymbolicTensor {
  const { name, filters, strides } = block;
  const first = normalized(tf, seed, input, { name: `${name}_1`, filters, strides });
  const second = normalized(tf, seed, first, { name: `${name}_2`, filters, strides: 1 }, false);
  const isSame = strides === 1 && input.shape.at(-1) === filters;
  const kernelInitializer = heNormal(tf, seed, `${name}_shortcut`);
  const shortcut = isSame
    ? input
    : (tf.layers
        .conv2d({ name: `${name}_shortcut`, filters, kernelSize: 1, strides, useBias: false, kernelInitializer })
        .apply(input) as SymbolicTensor);
  const sum = tf.layers.add({ name: `${name}_sum` }).apply([second, shortcut]) as SymbolicTensor;
  return tf.layers.activation({ name: `${name}_relu`, activation: 'relu' }).apply(sum) as SymbolicTensor;
}

/** A 3x3 convolution, batch normalization, and relu unless it comes after the sum. */
function normalized(
  tf: TensorFlow,
  seed: number,
  input: SymbolicTensor,
  { name, filters, strides }: Convolution,
  hasRelu = true,
): SymbolicTensor {
  const kernelInitializer = heNormal(tf, seed, name);
  const convolved = tf.layers
    .conv2d({ name, filters, kernelSize: 3, strides, padding: 'same', useBias: false, kernelInitializer })
    .apply(input) as SymbolicTensor;
  const values = tf.layers.batchNormalization({ name: `${name}_normalization` }).apply(convolved) as SymbolicTensor;
  return hasRelu
    ? (tf.layers.activation({ name: `${name}_relu`, activation: 'relu' }).apply(values) as SymbolicTensor)
    : values;
}
