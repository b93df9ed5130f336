import { UsageError } from '../src/errors.ts';
import { loadCellImages } from './data/cell-images.ts';
import type { Dataset, ProgressSink } from './data/dataset.ts';
import { drawSyntheticCells } from './data/synthetic-cells.ts';
import type { Parameters } from './parameters.ts';
import { fromStoragePath } from './storage-path.ts';

/** Where data is looked for and whom loading tells. */
export interface LoadOptions {
  /** The storage folder; null where none is known. */
  readonly storageDirectory: string | null;
  readonly onProgress?: ProgressSink;
  readonly signal?: AbortSignal;
}

/** Loads or draws the data the parameters ask for. Throws UsageError for data that cannot be used. */
export async function loadDataset(parameters: Parameters, options: LoadOptions): Promise<Dataset> {
  const { storageDirectory, ...watching } = options;
  const common = {
    imageSize: parameters.image_size,
    seed: parameters.seed,
    trainingSamples: parameters.training_samples,
    validationSamples: parameters.validation_samples,
    ...watching,
  };
  if (parameters.data === '') {
    throw new UsageError('Parameter data is empty, but must be the word synthetic, a zip file or a folder.');
  }
  if (parameters.data === 'synthetic') return drawSyntheticCells(common);
  return loadCellImages({ ...common, location: fromStoragePath(parameters.data, storageDirectory) });
}
