import { generatorOf, type Image, type Sample, type SampleGenerator } from '../../components/sample.ts';
import { type BatchOptions, preprocessed } from '../../data/batches.ts';
import { asScored } from '../images/thumbnail.ts';
import { errorsOf, worstFirst } from '../reconstructions.ts';
import type { PartSamples, ScoredPart } from '../scored-part.ts';
import type { Chart } from './chart.ts';
import { caption, layout, shortId, sizeText, tilesAtMost, uri } from './sample-tiles.ts';
import { sentenceChart } from './sentence.ts';
import { type Tile, tileSheet } from './tile-sheet.ts';

/** Of the worst as of the best reconstructions: with its image each takes two tiles. */
const pairsAtMost = tilesAtMost / 4;

/**
 * `training-images`: the first images as the network gets them in the first epoch, changed at random and preprocessed by
 * the code that the training uses, and brought back to bytes.
 */
export async function imageSheet(samples: SampleGenerator, batches: Omit<BatchOptions, 'batchSize'>): Promise<Chart> {
  const [name, title] = ['training-images', 'Training images as the network sees them'];
  const tiles: Tile[] = [];
  let size = '';
  for await (const sample of preprocessed(samples, batches)) {
    if (tiles.length === tilesAtMost) break;
    size = sizeText(sample);
    const image = uri(asScored(sample, batches.preprocessor));
    tiles.push({ image, caption: [caption(shortId(sample.id))], correct: null, record: { id: sample.id } });
  }
  if (tiles.length === 0) return sentenceChart({ name, format: 'json', data: '[]\n' }, title, 'There are no samples.');
  const subtitle = [batches.augmentor === null ? 'not changed at random' : 'changed at random, as in epoch 1', size];
  return tileSheet({ ...layout, name, title, subtitle, groups: [{ header: null, tiles }] });
}

/** Images beside what the network makes of them: those with the highest errors, and those with the lowest. */
export async function reconstructionSheet(
  part: ScoredPart,
  samples: PartSamples,
  { name, title }: { readonly name: string; readonly title: string },
): Promise<Chart> {
  const errors = errorsOf(part, 'mse');
  const order = worstFirst(errors).filter((place) => Number.isFinite(errors[place]));
  if (order.length === 0) {
    const sentence =
      errors.length === 0 ? 'There are no samples.' : `None of ${errors.length} reconstructions has a finite error.`;
    return sentenceChart({ name, format: 'json', data: '[]\n' }, title, sentence);
  }
  const worst = order.slice(0, pairsAtMost);
  const best = order.slice(worst.length).slice(-pairsAtMost).reverse();
  const tiles = await pairs(part, samples, [...worst, ...best]);
  const left = errors.length - order.length;
  return tileSheet({
    ...layout,
    name,
    title,
    subtitle: [
      'each image, and beside it its reconstruction',
      ...(left === 0
        ? []
        : [`${left.toLocaleString('en')} of ${errors.length.toLocaleString('en')} errors not finite and left out`]),
    ],
    groups: [
      { header: 'highest error', tiles: tiles.slice(0, 2 * worst.length) },
      ...(best.length === 0 ? [] : [{ header: 'lowest error', tiles: tiles.slice(2 * worst.length) }]),
    ],
  });
}

/** Two tiles of each place. */
async function pairs(part: ScoredPart, samples: PartSamples, places: readonly number[]): Promise<Tile[]> {
  const chosen = await samples.read(places);
  const images: (readonly [Image, Image])[] = [];
  await samples.score(generatorOf(chosen), {
    add({ inputs, size, shape }, outputs) {
      const length = inputs.length / size;
      for (let start = 0; start < inputs.length; start += length) {
        const ends = [start, start + length] as const;
        const both = [inputs.subarray(...ends), outputs.subarray(...ends)] as const;
        images.push(asImages(both, chosen[images.length] as Sample, shape, samples));
      }
    },
  });
  const errors = errorsOf(part, 'mse');
  return places.flatMap((place, index) => {
    const { id } = chosen[index] as Sample;
    const [input, output] = images[index] as readonly [Image, Image];
    const mse = errors[place] as number;
    const tile = (image: Image, of: string, lines: string[]): Tile => ({
      ...{ image: uri(image), caption: lines.map(caption), correct: null },
      record: { id, of, mse },
    });
    return [tile(input, 'image', [shortId(id)]), tile(output, 'reconstruction', [`mse ${Number(mse.toPrecision(3))}`])];
  });
}

/** Both brought to bytes as one, so that equal values are equally bright. */
function asImages(
  [wanted, given]: readonly [Float32Array, Float32Array],
  sample: Sample,
  [height, width, channels]: readonly [number, number, number],
  { preprocessor }: PartSamples,
): readonly [Image, Image] {
  const both = new Float32Array(2 * wanted.length);
  both.set(wanted);
  both.set(given, wanted.length);
  const bytes = preprocessor.toBytes(both, sample);
  const image = (pixels: Uint8Array): Image => ({ pixels, height, width, channels });
  return [image(bytes.subarray(0, wanted.length)), image(bytes.subarray(wanted.length))];
}
