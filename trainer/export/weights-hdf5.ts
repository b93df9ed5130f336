import { SlipwayError } from '../../src/errors.ts';
import { createHdf5File, type Hdf5Writer } from './hdf5-file.ts';
import type { PlacedWeight } from './keras-weights.ts';

/** HDF5 types by tfjs's dtype, little endian like every machine this runs on. */
const hdf5Types: Readonly<Record<string, string>> = { float32: '<f', int32: '<i' };

/** Adds weights to an HDF5 file, each read from the device when it is its turn. */
export async function addWeights(hdf5: Hdf5Writer, weights: readonly PlacedWeight[]): Promise<void> {
  for (const { path, weight } of weights) {
    const type = hdf5Types[weight.dtype];
    if (type === undefined) {
      throw new SlipwayError(`weight '${weight.originalName}' has the type ${weight.dtype}, not float32`);
    }
    hdf5.addDataset(path, await weight.read().data(), weight.shape as number[], type);
  }
}

/** Writes the weights of a `.keras` archive: `model.weights.h5`. */
export async function writeHdf5Weights(weights: readonly PlacedWeight[], file: string): Promise<void> {
  const hdf5 = await createHdf5File(file);
  try {
    await addWeights(hdf5, weights);
  } finally {
    hdf5.close();
  }
}
