import { generatorOf, type Image, type Sample, type SampleGenerator } from '../../components/sample.ts';
import { type BatchOptions, preprocessed } from '../../data/batches.ts';
import { contactSheet } from '../images/filter-pictures.ts';
import { asScored, thumbnail, thumbnailSide } from '../images/thumbnail.ts';
import { isScored, type Predictions, predictedClass, probabilityOf, sampleLoss } from '../predictions.ts';
import type { PartSamples } from '../scored-part.ts';
import { cutMiddle, numberedNames, withoutCommonWords } from '../text.ts';
import type { Chart } from './chart.ts';
import { caption, layout, shortId, sizeText, tilesAtMost, uri } from './sample-tiles.ts';
import { sentenceChart } from './sentence.ts';
import { type Tile, tileSheet } from './tile-sheet.ts';

/**
 * `training-samples`: images as the network gets them in the first epoch, changed at random and preprocessed by the code
 * that the training uses, and brought back to bytes; some of each class, in the epoch's order.
 */
export async function trainingSheet(options: {
  /** Of the first epoch, in its order. */
  readonly samples: SampleGenerator;
  readonly classNames: readonly string[];
  readonly batches: Omit<BatchOptions, 'batchSize'>;
}): Promise<Chart> {
  const { samples, classNames, batches } = options;
  const [name, title] = ['training-samples', 'Training samples as the network sees them'];
  if (samples.count === 0) return sentenceChart({ name, format: 'json', data: '[]\n' }, title, 'There are no samples.');
  const [originals, seen] = await firstOfEachClass(samples, classNames, batches);
  const numbered = numberedNames(classNames);
  const groups = classNames.map((className, label) => ({
    className,
    header: numbered[label] as string,
    members: originals.filter((sample) => sample.label === label),
  }));
  const shown = groups.filter(({ members }) => members.length > 0).slice(0, tilesAtMost);
  return tileSheet({
    ...layout,
    name,
    title,
    subtitle: [
      batches.augmentor === null ? 'not changed at random' : 'changed at random, as in epoch 1',
      sizeText(originals[0] as Sample),
      ...(shown.length < classNames.length ? [`${shown.length} of ${classNames.length} classes`] : []),
    ],
    groups: shown.map(({ className, header, members }) => ({
      header,
      tiles: members.map((sample) => ({
        image: uri(seen.get(sample.id) as Image),
        caption: [caption(shortId(sample.id))],
        correct: null,
        record: { id: sample.id, class: className },
      })),
    })),
  });
}

/** The same samples in one image, class by class, for who takes no charts; null where there are none. */
export async function sampleSheet(
  samples: SampleGenerator,
  classNames: readonly string[],
  batches: Omit<BatchOptions, 'batchSize'>,
): Promise<Image | null> {
  // Data without classes are shown as those of one.
  const names = classNames.length === 0 ? [''] : classNames;
  const [originals, seen] = await firstOfEachClass(samples, names, batches);
  const inOrder = originals.toSorted((one, other) => one.label - other.label).slice(0, tilesAtMost);
  const images = inOrder.map(({ id }) => thumbnail(seen.get(id) as Image));
  const [first] = images;
  if (first === undefined) return null;
  const scale = Math.max(1, Math.floor(thumbnailSide / Math.max(first.height, first.width)));
  return contactSheet(images, { columns: layout.columns, scale, gap: 6 });
}

/** Samples beyond these are not looked at for a class that is missing. */
const looksAtMost = 5000;

/** As many of each class as the sheet shows, and by id what the network gets of each: the very numbers of the epoch. */
async function firstOfEachClass(
  samples: SampleGenerator,
  classNames: readonly string[],
  batches: Omit<BatchOptions, 'batchSize'>,
): Promise<[Sample[], Map<string, Image>]> {
  const room = classNames.map(() => perClass(classNames));
  const originals: Sample[] = [];
  let looks = 0;
  for await (const sample of samples) {
    looks += 1;
    const left = room[sample.label] ?? 0;
    if (left > 0) originals.push(sample);
    room[sample.label] = left - 1;
    if (looks >= looksAtMost || room.every((count) => count <= 0)) break;
  }
  const seen = new Map<string, Image>();
  for await (const sample of preprocessed(generatorOf(originals), batches)) {
    seen.set(sample.id, asScored(sample, batches.preprocessor));
  }
  return [originals, seen];
}

/** How the samples of predictions are shown: read by their places, and as the network gets them. */
export type ShownSamples = Pick<PartSamples, 'preprocessor' | 'read'>;

/** `worst-predictions`: the test samples with the highest loss, wrong ones framed. */
export async function worstSheet(predictions: Predictions, samples: ShownSamples): Promise<Chart> {
  const [name, title] = ['worst-predictions', 'Worst predictions'];
  const scored = scoredSamples(predictions);
  if (scored.length === 0) return withoutScores(predictions, name, title);
  const losses = Float64Array.from(predictions.labels, (_, sample) => sampleLoss(predictions, sample));
  const worst = scored.toSorted((a, b) => (losses[b] as number) - (losses[a] as number)).slice(0, tilesAtMost);
  const wrong = scored.filter((sample) => predictedClass(predictions, sample) !== predictions.labels[sample]).length;
  return tileSheet({
    ...layout,
    name,
    title,
    subtitle: [
      `highest loss first; a thick frame marks a wrong one, of ${wrong.toLocaleString('en')} among ${scored.length.toLocaleString('en')}`,
      ...unscoredText(predictions, scored.length),
    ],
    groups: [{ header: null, tiles: await predictionTiles(predictions, samples, worst) }],
  });
}

/** `confident-predictions`: of each class the right answers that were given with the highest probability. */
export async function confidentSheet(predictions: Predictions, samples: ShownSamples): Promise<Chart> {
  const [name, title] = ['confident-predictions', 'Most confident right predictions'];
  const { classNames, labels } = predictions;
  const numbered = numberedNames(classNames);
  const scored = scoredSamples(predictions);
  if (scored.length === 0) return withoutScores(predictions, name, title);
  const right: number[][] = classNames.map(() => []);
  for (const sample of scored) {
    const label = labels[sample] as number;
    if (predictedClass(predictions, sample) === label) right[label]?.push(sample);
  }
  const groups = numbered
    .map((header, label) => ({ header, label, members: right[label] as number[] }))
    .filter(({ members }) => members.length > 0)
    .slice(0, tilesAtMost);
  if (groups.length === 0) {
    return sentenceChart({ name, format: 'json', data: '[]\n' }, title, 'No prediction is right.');
  }
  const missing = numbered.filter((_, label) => right[label]?.length === 0 && labels.includes(label));
  return tileSheet({
    ...layout,
    name,
    title,
    subtitle: [
      'highest probability first',
      ...(missing.length === 0 ? [] : [`never right: ${missingText(missing)}`]),
      ...unscoredText(predictions, scored.length),
    ],
    groups: await Promise.all(
      groups.map(async ({ header, label, members }) => {
        const chosen = members
          .sort((a, b) => probabilityOf(predictions, b, label) - probabilityOf(predictions, a, label))
          .slice(0, perClass(classNames));
        const tiles = await predictionTiles(predictions, samples, chosen);
        return {
          header,
          // The header names the class.
          tiles: tiles.map((tile) => ({
            ...tile,
            caption: [tile.caption[0] as string, tile.caption.at(-1) as string],
          })),
        };
      }),
    ),
  });
}

async function predictionTiles(
  predictions: Predictions,
  { preprocessor, read }: ShownSamples,
  places: readonly number[],
): Promise<Tile[]> {
  const samples = await read(places);
  return places.map((place, index) => {
    const sample = samples[index] as Sample;
    return predictionTile(predictions, place, sample, asScored(sample, preprocessor));
  });
}

function predictionTile(predictions: Predictions, index: number, sample: Sample, image: Image): Tile {
  const { classNames } = predictions;
  const said = predictedClass(predictions, index);
  const actual = predictions.labels[index] as number;
  const probability = probabilityOf(predictions, index, said);
  const short = numberedNames(classNames, withoutCommonWords(classNames));
  return {
    image: uri(image),
    caption: [
      caption(shortId(sample.id)),
      caption(`is ${short[actual]}`),
      caption(`said ${short[said]}`),
      `probability ${percent(probability)}`,
    ],
    correct: said === actual,
    record: {
      id: sample.id,
      actual: classNames[actual] as string,
      predicted: classNames[said] as string,
      probability,
      loss: sampleLoss(predictions, index),
    },
  };
}

/** Of 24 tiles each class gets its share, but at least one. */
function perClass(classNames: readonly string[]): number {
  return Math.max(1, Math.floor(tilesAtMost / classNames.length));
}

function scoredSamples(predictions: Predictions): number[] {
  return [...predictions.labels.keys()].filter((sample) => isScored(predictions, sample));
}

function withoutScores({ labels }: Predictions, name: string, title: string): Chart {
  const sentence =
    labels.length === 0 ? 'There are no samples.' : `None of ${labels.length} scores is a finite number.`;
  return sentenceChart({ name, format: 'json', data: '[]\n' }, title, sentence);
}

function unscoredText({ labels }: Predictions, scored: number): string[] {
  const unscored = labels.length - scored;
  return unscored === 0 ? [] : [`${unscored.toLocaleString('en')} scores are not finite numbers and left out`];
}

function missingText(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => cutMiddle(name, 150, 12));
  return names.length > 3 ? `${shown.join(', ')} and ${names.length - 3} more` : shown.join(', ');
}

/** A probability that is not 1 is never shown as 100%. */
function percent(probability: number): string {
  const digits = probability > 0.9995 && probability < 1 ? 4 : 1;
  const floored = Math.floor(probability * 100 * 10 ** digits) / 10 ** digits;
  return `${digits === 1 ? (probability * 100).toFixed(1) : floored.toFixed(digits)}%`;
}
