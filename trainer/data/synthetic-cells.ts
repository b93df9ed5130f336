import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { randomSource } from '../random.ts';
import { type Dataset, datasetDigest, type ProgressSink, type Split, type SplitName, splitNames } from './dataset.ts';
import type { Sample } from './sample.ts';
import { drawCell } from './synthetic-drawing.ts';

/** Cells drawn where no number is asked for: enough to learn from in a minute on two cores. */
const defaultCounts: Readonly<Record<SplitName, number>> = { training: 2000, validation: 400, test: 400 };

/** What to draw. */
export interface SyntheticCellsOptions {
  readonly imageSize: number;
  readonly seed: number;
  /** 0 means 2000. */
  readonly trainingSamples: number;
  /** 0 means 400. */
  readonly validationSamples: number;
  readonly onProgress?: ProgressSink;
  readonly signal?: AbortSignal;
}

/** One synthetic cell: depends on its key alone. Every second one is parasitized. */
export function syntheticCell(seed: number, split: SplitName, index: number, imageSize: number): Sample {
  const label = index % 2;
  const pixels = drawCell(imageSize, label === 1, randomSource(seed, 'synthetic', split, index));
  const id = `synthetic/${split}/${String(index).padStart(5, '0')}`;
  return { id, pixels, height: imageSize, width: imageSize, channels: 3, label, weight: 1 };
}

/**
 * Draws stained blood cells of two classes from a seed: nothing to download, nothing real.
 * Both classes hold dark specks of the same stain; only the parasite's ring with its dot tells them apart.
 */
export async function drawSyntheticCells(options: SyntheticCellsOptions): Promise<Dataset> {
  const { imageSize, seed } = options;
  const counts: Record<SplitName, number> = {
    training: options.trainingSamples || defaultCounts.training,
    validation: options.validationSamples || defaultCounts.validation,
    test: defaultCounts.test,
  };
  const total = splitNames.reduce((sum, name) => sum + counts[name], 0);
  let done = 0;
  const splits = {} as Record<SplitName, Split>;
  for (const name of splitNames) {
    const samples: Sample[] = [];
    for (let index = 0; index < counts[name]; index += 1) {
      samples.push(syntheticCell(seed, name, index, imageSize));
      done += 1;
      if (done % 128 === 0 || done === total) {
        options.onProgress?.('drawing synthetic cells', done, total, 'images');
        await nextTurn();
        options.signal?.throwIfAborted();
      }
    }
    const digest = datasetDigest(samples.map(({ id, pixels }) => ({ id, fingerprint: crc32(pixels) })));
    splits[name] = { samples, digest };
  }
  return {
    name: 'synthetic-cells',
    synthetic: true,
    description: `${total} synthetic cells drawn from seed ${seed} (no real blood cells)`,
    classNames: ['synthetic uninfected', 'synthetic parasitized'],
    imageShape: [imageSize, imageSize, 3],
    sourceType: 'code',
    source: JSON.stringify({ tags: { 'mlflow.source.name': 'trainer/data/synthetic-cells.ts', seed: String(seed) } }),
    splits,
  };
}
