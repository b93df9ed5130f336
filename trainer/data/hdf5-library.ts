import { stat } from 'node:fs/promises';
import type { Dataset, File, Group } from 'h5wasm/node';
import { errorMessage, UsageError } from '../../src/errors.ts';

/** The part of the HDF5 library that reads files. */
export interface Hdf5Library {
  readonly File: typeof File;
  readonly Group: typeof Group;
  readonly Dataset: typeof Dataset;
  /** Runs something synchronous whose errors are thrown, where the library would print them and go on. */
  attempt<T>(action: () => T): T;
}

export async function loadHdf5Library(): Promise<Hdf5Library> {
  const { default: h5wasm } = await import('h5wasm/node');
  const module = await h5wasm.ready;
  return {
    File: h5wasm.File,
    Group: h5wasm.Group,
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

/** Opens a file that is read as it is needed. Throws UsageError where it is none of HDF5. */
export async function openHdf5File(location: string, library: Hdf5Library): Promise<File> {
  try {
    await stat(location);
    return library.attempt(() => new library.File(location, 'r'));
  } catch (error) {
    throw new UsageError(`The file ${location} is no readable HDF5 file: ${hdf5Reason(error)}.`, { cause: error });
  }
}

/** Of the stack that the library gives, its last line: what went wrong first. A compression that it lacks it looks for after that. */
export function hdf5Reason(error: unknown): string {
  const text = errorMessage(error).trim();
  const [, filter] = /required filter '([^']*)' is not registered/.exec(text) ?? [];
  if (filter !== undefined) return `it is packed by ${filter}; expected gzip or no compression`;
  const lines = text.split('\n');
  return (lines.at(-1) as string).trim().replace(/^minor: |\.$/g, '');
}
