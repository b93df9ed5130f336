import type { Image } from '../components/sample.ts';
import { randomSource } from '../random.ts';
import type { SplitName } from './dataset.ts';
import { drawCell } from './synthetic-drawing.ts';

/** One synthetic cell: depends on its key alone. Every second one is parasitized. */
export function syntheticCell(seed: number, split: SplitName, place: number, imageSize: number): Image {
  const pixels = drawCell(imageSize, place % 2 === 1, randomSource(seed, 'synthetic', split, place));
  return { pixels, height: imageSize, width: imageSize, channels: 3 };
}
