import { open } from 'node:fs/promises';
import { SlipwayError } from '../../src/errors.ts';
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
  const { default: h5wasm } = await import('h5wasm/node');
  await h5wasm.ready;
  const specifications: WeightSpecification[] = [];
  const names = new Set<string>();
  const binary = await open(files.binary, 'wx');
  try {
    const hdf5 = new h5wasm.File(files.hdf5, 'w');
    try {
      const groups = new Set<string>();
      hdf5.create_group('layers');
      groups.add('layers');
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
        makeGroups(hdf5, path, groups);
        hdf5.create_dataset({ name: path, data: values, shape: shape as number[], dtype: hdf5Type });
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

function makeGroups(file: { create_group(name: string): unknown }, path: string, made: Set<string>): void {
  const parts = path.split('/');
  for (let length = 1; length < parts.length; length++) {
    const group = parts.slice(0, length).join('/');
    if (made.has(group)) continue;
    file.create_group(group);
    made.add(group);
  }
}
