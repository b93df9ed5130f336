/** An HDF5 file being written, that is equal for equal content. */
export interface Hdf5Writer {
  /** Adds a dataset; the groups on its path are made. */
  addDataset(
    path: string,
    values: Float32Array | Int32Array | Uint8Array,
    shape: readonly number[],
    type: string,
  ): void;
  /** Adds a group, and those on its path. */
  addGroup(path: string): void;
  /** Sets an attribute of a group that is there; of the file itself for the path `''`. */
  setAttribute(path: string, name: string, value: string | readonly string[]): void;
  close(): void;
}

/** Starts an HDF5 file on disk. Each dataset passes through the memory of the library; what is written does not stay. */
export async function createHdf5File(file: string): Promise<Hdf5Writer> {
  const { default: h5wasm } = await import('h5wasm/node');
  await h5wasm.ready;
  const hdf5 = withoutTime(() => new h5wasm.File(file, 'w'));
  const groups = new Set<string>();
  const makeGroups = (path: string) => {
    for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
      const group = path.slice(0, end);
      if (!groups.has(group)) hdf5.create_group(group);
      groups.add(group);
    }
  };
  const setAttribute = (path: string, name: string, value: string | readonly string[]) => {
    const holder = path === '' ? hdf5 : hdf5.get(path);
    if (!(holder instanceof h5wasm.Group)) throw new TypeError(`there is no group ${path}`);
    // As Keras writes an empty list: no strings, but no numbers either.
    if (value.length === 0) holder.create_attribute(name, new Float64Array(0), [0], '<d');
    else holder.create_attribute(name, typeof value === 'string' ? value : [...value]);
  };
  return {
    addGroup: (path) => withoutTime(() => makeGroups(`${path}/`)),
    setAttribute: (path, name, value) => withoutTime(() => setAttribute(path, name, value)),
    addDataset: (path, values, shape, type) =>
      withoutTime(() => {
        makeGroups(path);
        hdf5.create_dataset({ name: path, data: values, shape: [...shape], dtype: type });
      }),
    close: () => withoutTime(() => hdf5.close()),
  };
}

/**
 * Runs something in 1970: HDF5 notes when an object was made or changed, and h5wasm has no way to tell it not to.
 * `action` must be synchronous.
 */
function withoutTime<T>(action: () => T): T {
  const { now } = Date;
  Date.now = () => 0;
  try {
    return action();
  } finally {
    Date.now = now;
  }
}
