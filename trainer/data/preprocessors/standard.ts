import { z } from 'zod';
import type { Batch } from '../../components/batch.ts';
import { type PixelRange, Preprocessor } from '../../components/preprocessor.ts';
import type { Image, Pixels, Sample } from '../../components/sample.ts';

const parameters = z.strictObject({
  scaling: z
    .enum(['centered', 'unit', 'none'])
    .default('centered')
    .describe('Range of what the network gets for a pixel: centered is -1 to 1, unit 0 to 1, none the value itself.'),
});

/** `value * scale + offset` is what the network gets for a value. */
export interface Scaling {
  readonly scale: number;
  readonly offset: number;
}

/** Scales pixels; numbers that are no pixels are left as they are. */
export class StandardPreprocessor extends Preprocessor<z.output<typeof parameters>> {
  static override readonly parameters = parameters;

  override batchify(samples: readonly Sample[]): Batch {
    const first = samples[0] as Sample;
    const { length } = first.pixels;
    const { scale, offset } = this.scalingOf(first.pixels);
    const inputs = new Float32Array(samples.length * length);
    const targets = new Float32Array(samples.length);
    const weights = new Float32Array(samples.length);
    for (const [index, { pixels, label, weight }] of samples.entries()) {
      const start = index * length;
      for (let place = 0; place < length; place += 1)
        inputs[start + place] = (pixels[place] as number) * scale + offset;
      targets[index] = label;
      weights[index] = weight;
    }
    return { size: samples.length, inputs, shape: [first.height, first.width, first.channels], targets, weights };
  }

  /**
   * How values of this kind are scaled. Centred inputs shorten the plateau at the start of training by several epochs
   * against 0 to 1.
   */
  scalingOf(pixels: Pixels): Scaling {
    const { scaling } = this.parameters;
    if (pixels instanceof Float32Array || scaling === 'none') return { scale: 1, offset: 0 };
    const highest = pixels instanceof Uint16Array ? 65_535 : 255;
    return scaling === 'unit' ? { scale: 1 / highest, offset: 0 } : { scale: 2 / highest, offset: -1 };
  }

  override pixelRange(dtype: 'uint8' | 'uint16' | 'float32'): PixelRange | null {
    if (dtype === 'float32') return null;
    const { scale, offset } = this.scalingOf(dtype === 'uint16' ? new Uint16Array() : new Uint8Array());
    return { low: offset, high: (dtype === 'uint16' ? 65_535 : 255) * scale + offset };
  }

  override toBytes(values: Float32Array, sample: Image): Uint8Array {
    const { scale, offset } = this.scalingOf(sample.pixels);
    if (sample.pixels instanceof Float32Array) return super.toBytes(values, sample);
    const shift = sample.pixels instanceof Uint16Array ? 257 : 1;
    // A typed array of this kind rounds and clamps. Filled in a loop: `from` takes thirty times as long.
    const bytes = new Uint8ClampedArray(values.length);
    for (let place = 0; place < values.length; place += 1) {
      bytes[place] = ((values[place] as number) - offset) / scale / shift;
    }
    return new Uint8Array(bytes.buffer);
  }

  override describe(sample: Image): Readonly<Record<string, unknown>> {
    return { ...this.scalingOf(sample.pixels), resize: 'bilinear', antialias: true };
  }
}
