import type { Image } from '../../components/sample.ts';

/** The weights of a network's first layer, where that is a convolution over images. */
export interface Kernels {
  readonly layer: string;
  readonly height: number;
  readonly width: number;
  /** Channels of the input. */
  readonly channels: number;
  readonly filters: number;
  /** [height, width, channels, filters], row by row. */
  readonly values: Float32Array;
}

const mid = 127.5;

/**
 * A filter as an image: weight 0 is middle grey, and the filter's largest weight black or white. With three channels in
 * their colours, with others the mean over the channels. Null where a weight is not a finite number.
 */
export function filterPicture(kernels: Kernels, filter: number): Image | null {
  const { height, width, channels, filters, values } = kernels;
  const shown = channels === 3 ? 3 : 1;
  const weights = new Float64Array(height * width * shown);
  for (let position = 0; position < height * width; position += 1) {
    for (let channel = 0; channel < channels; channel += 1) {
      const weight = values[(position * channels + channel) * filters + filter] as number;
      const target = shown === 3 ? position * 3 + channel : position;
      weights[target] = (weights[target] as number) + (shown === 3 ? weight : weight / channels);
    }
  }
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  if (!weights.every(Number.isFinite)) return null;
  const pixels = Uint8Array.from(weights, (weight) => Math.round(mid + (largest === 0 ? 0 : (mid * weight) / largest)));
  return { pixels, height, width, channels: shown };
}

/** Length of a filter as a vector: how strongly it can answer. */
export function filterNorm({ values, filters }: Kernels, filter: number): number {
  let sum = 0;
  for (let index = filter; index < values.length; index += filters) sum += (values[index] as number) ** 2;
  return Math.sqrt(sum);
}

/** Many images side by side on white, each pixel `scale` pixels wide, `gap` pixels between them. */
export function contactSheet(
  images: readonly Image[],
  options: { columns: number; scale: number; gap: number },
): Image {
  const { columns, scale, gap } = options;
  const [first] = images;
  if (first === undefined) return { pixels: new Uint8Array(3).fill(255), height: 1, width: 1, channels: 3 };
  const cell = { width: first.width * scale + gap, height: first.height * scale + gap };
  const width = gap + Math.min(columns, images.length) * cell.width;
  const height = gap + Math.ceil(images.length / columns) * cell.height;
  const pixels = new Uint8Array(width * height * 3).fill(255);
  for (const [index, image] of images.entries()) {
    const left = gap + (index % columns) * cell.width;
    const top = gap + Math.floor(index / columns) * cell.height;
    for (let y = 0; y < image.height * scale; y += 1) {
      for (let x = 0; x < image.width * scale; x += 1) {
        const source = (Math.floor(y / scale) * image.width + Math.floor(x / scale)) * image.channels;
        const target = ((top + y) * width + left + x) * 3;
        for (let channel = 0; channel < 3; channel += 1) {
          pixels[target + channel] = image.pixels[source + (image.channels === 1 ? 0 : channel)] as number;
        }
      }
    }
  }
  return { pixels, height, width, channels: 3 };
}
