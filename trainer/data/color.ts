import { arrayLike, type Image } from '../components/sample.ts';

/** The image with 3 equal channels where it has 1. */
export function toColor(image: Image): Image {
  if (image.channels !== 1) return image;
  const pixels = arrayLike(image.pixels, image.pixels.length * 3);
  for (const [place, value] of image.pixels.entries()) pixels.fill(value, place * 3, place * 3 + 3);
  return { ...image, channels: 3, pixels };
}

/** The image's luma (ITU-R BT.601) where it has red, green and blue. */
export function toGrey(image: Image): Image {
  if (image.channels !== 3) return image;
  const { pixels: colors } = image;
  const pixels = arrayLike(colors, colors.length / 3);
  const isWhole = !(pixels instanceof Float32Array);
  for (let place = 0; place < pixels.length; place += 1) {
    const [red = 0, green = 0, blue = 0] = colors.subarray(3 * place, 3 * place + 3);
    const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
    pixels[place] = isWhole ? Math.round(luma) : luma;
  }
  return { ...image, channels: 1, pixels };
}
