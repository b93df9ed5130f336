import {
  type CompiledModel,
  classOutput,
  heNormal,
  ModelBuilder,
  type ModelTask,
  UsageError,
  z,
} from 'slipway/trainer';

const parameters = z.strictObject({
  filters: z.array(z.int().min(1).max(512)).min(1).default([12, 24]).describe('Filters of each block of convolutions.'),
  dense_units: z.int().min(1).max(4096).default(32).describe('Units of the dense layer.'),
});

/** Blocks of two convolutions, the second with stride 2 instead of a pooling, and a dense layer. */
export class StridedNetwork extends ModelBuilder<z.output<typeof parameters>> {
  static override readonly parameters = parameters;

  /** Known before anything is read: each block halves the image. */
  override checkImageSize(height: number, width: number): void {
    const smallest = 2 ** this.parameters.filters.length;
    if (Math.min(height, width) >= smallest) return;
    throw new UsageError(
      `${this.parameters.filters.length} blocks need images of ${smallest}x${smallest} pixels or more.`,
    );
  }

  override getCompiledModel({ tf, inputShape, classes }: ModelTask): CompiledModel {
    const { filters, dense_units: units } = this.parameters;
    const named = (name: string) => ({ name, kernelInitializer: heNormal(tf, this.setup.seed, name) });
    const { loss, ...output } = classOutput(classes);
    const input = tf.input({ shape: [...inputShape], name: 'image' });
    let features: typeof input = input;
    for (const [index, count] of filters.entries()) {
      const common = { filters: count, kernelSize: 3, activation: 'relu', padding: 'same' } as const;
      const detail = tf.layers.conv2d({ ...named(`block_${index + 1}_detail`), ...common });
      const halving = tf.layers.conv2d({ ...named(`block_${index + 1}_halving`), ...common, strides: 2 });
      features = halving.apply(detail.apply(features)) as typeof input;
    }
    const flat = tf.layers.flatten({ name: 'flatten' }).apply(features);
    const dense = tf.layers.dense({ ...named('dense'), units, activation: 'relu' }).apply(flat);
    const score = tf.layers.dense({ ...named('score'), ...output }).apply(dense) as typeof input;
    return { model: tf.model({ inputs: input, outputs: score, name: 'shapes' }), loss };
  }
}
