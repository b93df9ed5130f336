import type { Dataset, File } from 'h5wasm/node';
import { z } from 'zod';
import { errorMessage, UsageError } from '../../../src/errors.ts';
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
    const library = await loadLibrary();
    const file = await openFile(location, library);
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

interface Library {
  readonly File: typeof File;
  readonly Dataset: typeof Dataset;
  /** Runs something synchronous whose errors are thrown, where the library would print them and go on. */
  attempt<T>(action: () => T): T;
}

async function loadLibrary(): Promise<Library> {
  const { default: h5wasm } = await import('h5wasm/node');
  const module = await h5wasm.ready;
  return {
    File: h5wasm.File,
    Dataset: h5wasm.Dataset,
    attempt: (action) => {
      module.activate_throwing_error_handler();
      try {
        return action();
      } finally {
        module.deactivate_throwing_error_handler();
      }
    },
  };
}

async function openFile(location: string, library: Library): Promise<File> {
  try {
    return library.attempt(() => new library.File(location, 'r'));
  } catch (error) {
    throw new UsageError(`The file ${location} is no readable HDF5 file: ${firstReason(error)}.`, { cause: error });
  }
}

/** Of the stack that the library gives, its last line: what went wrong first. A compression that it lacks it looks for after that. */
function firstReason(error: unknown): string {
  const text = errorMessage(error).trim();
  const [, filter] = /required filter '([^']*)' is not registered/.exec(text) ?? [];
  if (filter !== undefined) return `it is packed by ${filter}; expected gzip or no compression`;
  const lines = text.split('\n');
  return (lines.at(-1) as string).trim().replace(/^minor: |\.$/g, '');
}

function arraysOf(file: File, path: string, library: Library): ArrayFile {
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

function openDataset(dataset: Dataset, name: string, library: Library): NamedArray {
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
        throw new Error(`cannot be read: ${firstReason(error)}`, { cause: error });
      }
    },
  };
}
