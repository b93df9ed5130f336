import type { File } from 'h5wasm/node';
import { UsageError } from '../../../src/errors.ts';
import { type Hdf5Library, hdf5Reason, loadHdf5Library, openHdf5File } from '../../data/hdf5-library.ts';
import { weightsHint } from './published-weights.ts';

/** A layer whose weights are wanted. */
export interface WantedLayer {
  readonly name: string;
  /** [height, width, input channels, filters]. */
  readonly kernelShape: readonly number[];
}

/** The weights of a layer, row by row, and where in the file they lie. */
interface LayerPlace {
  readonly kernel: string;
  readonly bias: string;
}

/** Where the weights of a file's layers lie; undefined for a layer that it does not have. */
type Layout = (layer: string, index: number) => LayerPlace | undefined;

/**
 * Reads the convolutions of a file of Keras one by one, and hands each over: kernel `[height, width, input, filters]` and
 * bias `[filters]`, row by row. Understood are the layouts of
 *
 * - weights alone, as Keras 1 and 2 save them and publishes them, and the same within a whole model `.h5`
 *   (`keras/src/legacy/saving/legacy_h5_format.py`: the attributes `layer_names` and `weight_names` say what there is);
 * - `.weights.h5` of Keras 3 (`keras/src/saving/saving_lib.py`: `layers/conv2d_1/vars/0`).
 *
 * Throws UsageError that names the file, and the layer that does not fit.
 */
export async function readConvolutions(
  file: string,
  layers: readonly WantedLayer[],
  take: (layer: WantedLayer, kernel: Float32Array, bias: Float32Array) => void,
): Promise<void> {
  const library = await loadHdf5Library();
  const opened = await openHdf5File(file, library);
  try {
    const layout = library.attempt(() => layoutOf(opened, library));
    if (layout === null) {
      throw new UsageError(
        `The file ${file} holds no weights of Keras: it has neither the attribute layer_names nor a group named layers.`,
        { hint: weightsHint },
      );
    }
    for (const [index, layer] of layers.entries()) {
      const place = library.attempt(() => layout(layer.name, index));
      if (place === undefined) throw otherNetwork(file, `it has no layer ${layer.name} with a kernel and a bias`);
      const filters = layer.kernelShape.slice(-1);
      const read = (path: string, shape: readonly number[], what: string) =>
        readValues(opened, library, { file, path, shape, what: `its layer ${layer.name} has a ${what}` });
      take(layer, read(place.kernel, layer.kernelShape, 'kernel'), read(place.bias, filters, 'bias'));
    }
  } finally {
    library.attempt(() => opened.close());
  }
}

function otherNetwork(file: string, reason: string): UsageError {
  return new UsageError(`The weights file ${file} is that of another network than VGG16: ${reason}.`, {
    hint: weightsHint,
  });
}

function layoutOf(file: File, library: Hdf5Library): Layout | null {
  if ('layer_names' in file.attrs) return namedLayout(file, library, '');
  const model = file.get('model_weights');
  if (model instanceof library.Group && 'layer_names' in model.attrs) {
    return namedLayout(file, library, 'model_weights/');
  }
  return file.get('layers') instanceof library.Group ? countedLayout(file, library) : null;
}

/** A group for each layer, whose attribute says under which names the weights lie in it. */
function namedLayout(file: File, { Group }: Hdf5Library, prefix: string): Layout {
  return (layer) => {
    const group = file.get(`${prefix}${layer}`);
    const names = group instanceof Group ? group.attrs.weight_names?.value : undefined;
    if (!Array.isArray(names) || names.length !== 2) return undefined;
    const [kernel, bias] = names.map((name) => `${prefix}${layer}/${name}`) as [string, string];
    return { kernel, bias };
  };
}

/**
 * A group for each layer, named by its class and counted: conv2d, conv2d_1, …. Later versions of Keras 3 say beside the
 * weights how the layer is called; without that they are the network's convolutions in their order.
 */
function countedLayout(file: File, { Group }: Hdf5Library): Layout {
  const layers = file.get('layers') as InstanceType<Hdf5Library['Group']>;
  const called = new Map<string, string>();
  for (const key of layers.keys()) {
    const vars = file.get(`layers/${key}/vars`);
    const name = vars instanceof Group ? vars.attrs.name?.value : undefined;
    if (typeof name === 'string') called.set(name, key);
  }
  return (layer, index) => {
    const key = called.size > 0 ? called.get(layer) : index === 0 ? 'conv2d' : `conv2d_${index}`;
    const vars = key === undefined ? null : file.get(`layers/${key}/vars`);
    if (!(vars instanceof Group) || vars.keys().length !== 2) return undefined;
    return { kernel: `layers/${key}/vars/0`, bias: `layers/${key}/vars/1` };
  };
}

interface Wanted {
  readonly file: string;
  readonly path: string;
  readonly shape: readonly number[];
  /** `its layer block1_conv1 has a kernel`. */
  readonly what: string;
}

function readValues(opened: File, library: Hdf5Library, { file, path, shape, what }: Wanted): Float32Array {
  const dataset = library.attempt(() => opened.get(path));
  if (!(dataset instanceof library.Dataset)) throw otherNetwork(file, `it has no ${path}`);
  const size = (dataset.shape ?? []).join('x');
  if (size !== shape.join('x')) throw otherNetwork(file, `${what} of ${size}, and not of ${shape.join('x')}`);
  if (dataset.dtype !== '<f') {
    throw otherNetwork(file, `${what} of the type ${String(dataset.dtype)}, and not of floats of 32 bits`);
  }
  let values: Float32Array;
  try {
    values = library.attempt(() => dataset.value) as Float32Array;
  } catch (error) {
    throw new UsageError(`The weights file ${file} is damaged: ${path} cannot be read: ${hdf5Reason(error)}.`, {
      hint: weightsHint,
      cause: error,
    });
  }
  if (!values.every(Number.isFinite)) {
    throw new UsageError(`The weights file ${file} is damaged: ${what} with numbers that are not finite.`, {
      hint: weightsHint,
    });
  }
  return values;
}
