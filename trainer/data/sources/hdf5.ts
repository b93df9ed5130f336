import type { Dataset, File } from 'h5wasm/node';
import { z } from 'zod';
import { UsageError } from '../../../src/errors.ts';
import { type Hdf5Library, hdf5Reason, loadHdf5Library, openHdf5File } from '../hdf5-library.ts';
import { checkFile } from '../location.ts';
import { arraySource } from './array-source.ts';
import { arrayNames, classNames, location } from './common-parameters.ts';
import { type ArrayFile, type NamedArray, namesOrNumbers, openNamedArrays, type Values } from './named-arrays.ts';
import type { SourceDefinition } from './source.ts';

const parameters = z.strictObject({
  location: location('an HDF5 file'),
  ...arrayNames,
  class_names: classNames,
});

/** Data sets of an HDF5 file, read by slices. */
export const hdf5: SourceDefinition<typeof parameters> = {
  name: 'hdf5',
  parameters,
  async open(given) {
    const { location, class_names } = given;
    await checkFile(location, 'an HDF5 file');
    const library = await loadHdf5Library();
    const file = await openHdf5File(location, library);
    const close = async () => {
      library.attempt(() => file.close());
    };
    try {
      const { arrays, classCount } = await openNamedArrays(arraysOf(file, location, library), given);
      return arraySource(arrays, namesOrNumbers(class_names, classCount), location, close);
    } catch (error) {
      await close();
      throw error;
    }
  },
};

function arraysOf(file: File, path: string, library: Hdf5Library): ArrayFile {
  const datasets = new Map<string, Dataset>();
  for (const name of library.attempt(() => file.paths())) {
    const entity = library.attempt(() => file.get(name));
    if (entity instanceof library.Dataset) datasets.set(name.replace(/^\//, ''), entity);
  }
  return {
    path,
    names: [...datasets.keys()],
    open: async (name) => openDataset(datasets.get(name) as Dataset, `${name} of ${path}`, library),
  };
}

function openDataset(dataset: Dataset, name: string, library: Hdf5Library): NamedArray {
  const { dtype } = dataset;
  const shape = dataset.shape ?? [];
  // Structures, half floats and references have no values that could be pixels or labels.
  if (typeof dtype !== 'string' || /^[<>|]?e$/.test(dtype)) {
    throw new UsageError(`The data set ${name} holds neither whole numbers, floats of 32 or 64 bits, nor text.`);
  }
  return {
    shape,
    rows: async (start, end) => {
      const ranges: [number, number][] = shape.map((size) => [0, size]);
      ranges[0] = [start, end];
      try {
        return library.attempt(() => dataset.slice(ranges)) as Values;
      } catch (error) {
        throw new Error(`cannot be read: ${hdf5Reason(error)}`, { cause: error });
      }
    },
  };
}
