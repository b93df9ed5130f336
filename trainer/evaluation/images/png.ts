import { PNG } from 'pngjs';
import type { Image } from '../../components/sample.ts';

/** The file of an image of 1 (grey) or 3 (red, green, blue) channels. */
export function encodePng({ pixels, width, height, channels }: Image): Buffer {
  const png = new PNG({ width, height });
  for (let source = 0, target = 0; target < png.data.length; source += channels, target += 4) {
    for (let channel = 0; channel < 3; channel += 1) {
      png.data[target + channel] = pixels[source + (channels === 1 ? 0 : channel)] as number;
    }
    png.data[target + 3] = 255;
  }
  // PNG specification, 11.2.2: colour type 0 is grey, 2 is red, green and blue.
  return PNG.sync.write(png, { colorType: channels === 1 ? 0 : 2, inputColorType: 6, deflateLevel: 9 });
}

/** The same as a URI that holds the file itself. */
export function pngDataUri(image: Image): string {
  return `data:image/png;base64,${encodePng(image).toString('base64')}`;
}
