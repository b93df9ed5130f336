import { arrayLike, type Image } from '../components/sample.ts';

/** For each output position: the first input position it draws on, and the weights from there. */
interface Taps {
  readonly first: Int32Array;
  readonly weights: readonly Float64Array[];
}

const cache = new Map<string, Taps>();

/**
 * Weights of a triangle filter with half-pixel centres that widens when shrinking,
 * as in TensorFlow's `tf.image.resize(method='bilinear', antialias=True)` (`ScaleAndTranslate`).
 */
function taps(input: number, output: number): Taps {
  const key = `${input}/${output}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const scale = input / output;
  const radius = Math.max(scale, 1);
  const first = new Int32Array(output);
  const weights: Float64Array[] = [];
  for (let position = 0; position < output; position += 1) {
    const center = (position + 0.5) * scale;
    const start = Math.max(0, Math.floor(center - radius));
    const end = Math.min(input, Math.ceil(center + radius));
    const row = new Float64Array(end - start);
    let sum = 0;
    for (let index = 0; index < row.length; index += 1) {
      row[index] = Math.max(0, 1 - Math.abs(start + index + 0.5 - center) / radius);
      sum += row[index] as number;
    }
    first[position] = start;
    weights.push(row.map((weight) => weight / sum));
  }
  const result = { first, weights };
  cache.set(key, result);
  return result;
}

/** Brings an image to a size by bilinear interpolation, averaging where it shrinks; values keep their type. */
export function resizeImage(image: Image, height: number, width: number): Image {
  if (image.height === height && image.width === width) return image;
  const { pixels, channels } = image;
  const across = taps(image.width, width);
  const narrow = new Float64Array(image.height * width * channels);
  let target = 0;
  for (let y = 0; y < image.height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const weights = across.weights[x] as Float64Array;
      const start = (y * image.width + (across.first[x] as number)) * channels;
      for (let channel = 0; channel < channels; channel += 1) {
        let sum = 0;
        for (let index = 0; index < weights.length; index += 1) {
          sum += (weights[index] as number) * (pixels[start + index * channels + channel] as number);
        }
        narrow[target++] = sum;
      }
    }
  }
  const down = taps(image.height, height);
  const rowLength = width * channels;
  const result = arrayLike(pixels, height * rowLength);
  const isWhole = !(result instanceof Float32Array);
  for (let y = 0; y < height; y += 1) {
    const weights = down.weights[y] as Float64Array;
    const start = (down.first[y] as number) * rowLength;
    for (let column = 0; column < rowLength; column += 1) {
      let sum = 0;
      for (let index = 0; index < weights.length; index += 1) {
        sum += (weights[index] as number) * (narrow[start + index * rowLength + column] as number);
      }
      result[y * rowLength + column] = isWhole ? Math.round(sum) : sum;
    }
  }
  return { pixels: result, height, width, channels };
}
