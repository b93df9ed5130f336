import { open } from 'node:fs/promises';
import { SlipwayError } from '../../src/errors.ts';
import { createHdf5File } from './hdf5-file.ts';
import type { PlacedWeight } from './keras-weights.ts';

/** An entry of tfjs's weights manifest. */
export interface WeightSpecification {
  readonly name: string;
  readonly shape: readonly (number | null)[];
  readonly dtype: string;
}

/** HDF5 types by tfjs's dtype, little endian like every machine this runs on. */
const hdf5Types: Readonly<Record<string, string>> = { float32: '<f', int32: '<i' };

/**
 * Writes the weights for Keras (HDF5, `model.weights.h5`) and for tfjs (`weights.bin`), reading each weight from the
 * device once: the memory needed is that of the largest weight, not that of the model.
 *
 * @returns tfjs's manifest entries, in the order of the bytes in `weights.bin`.
 */
export async function writeWeightFiles(
  weights: readonly PlacedWeight[],
  files: { readonly hdf5: string; readonly binary: string },
): Promise<WeightSpecification[]> {
  const specifications: WeightSpecification[] = [];
  const names = new Set<string>();
  const binary = await open(files.binary, 'wx');
  try {
    const hdf5 = await createHdf5File(files.hdf5);
    try {
      for (const { path, weight } of weights) {
        const { originalName: name, shape, dtype } = weight;
        if (names.has(name)) {
          throw new SlipwayError(`two weights of the model are named '${name}'; tfjs could not load it again`, {
            hint: 'give the layers different names',
          });
        }
        names.add(name);
        const hdf5Type = hdf5Types[dtype];
        if (hdf5Type === undefined) throw new SlipwayError(`weight '${name}' has the type ${dtype}, not float32`);
        const values = await weight.read().data();
        hdf5.addDataset(path, values, shape as number[], hdf5Type);
        await binary.writeFile(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
        specifications.push({ name, shape, dtype });
      }
    } finally {
      hdf5.close();
    }
  } finally {
    await binary.close();
  }
  return specifications;
}
