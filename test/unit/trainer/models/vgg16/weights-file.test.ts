import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../../../../src/errors.ts';
import { createHdf5File } from '../../../../../trainer/export/hdf5-file.ts';
import { checksumWarning } from '../../../../../trainer/models/vgg16/published-weights.ts';
import { readConvolutions, type WantedLayer } from '../../../../../trainer/models/vgg16/weights-file.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../../support/index.ts';

const layers: readonly WantedLayer[] = [
  { name: 'block1_conv1', kernelShape: [1, 2, 3, 4] },
  { name: 'block1_conv2', kernelShape: [1, 1, 4, 2] },
];

let folder: TemporaryDirectory;
let file: string;
beforeEach(async () => {
  folder = await temporaryDirectory();
  file = folder.join('weights.h5');
});
afterEach(() => folder.remove());

interface Stored {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Each with numbers of its own. */
function stored(shape: readonly number[], first: number): Stored {
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, values: Float32Array.from({ length: size }, (_, index) => first + index / 8) };
}

type Weights = Readonly<Record<string, { readonly kernel: Stored; readonly bias: Stored }>>;

function weightsOf(wanted = layers): Weights {
  return Object.fromEntries(
    wanted.map(({ name, kernelShape }, index) => [
      name,
      { kernel: stored(kernelShape, 100 * index), bias: stored(kernelShape.slice(-1), 100 * index + 50) },
    ]),
  );
}

type Layout = (weights: Weights) => Promise<void>;

/** With the names of Keras 1, as in the published files, or those of Keras 3. */
const named =
  (prefix: '' | 'model_weights/', nameOf: (layer: string, what: 'kernel' | 'bias') => string): Layout =>
  async (weights) => {
    const hdf5 = await createHdf5File(file);
    const names = ['input_1', ...Object.keys(weights), 'block1_pool'];
    for (const name of names) hdf5.addGroup(`${prefix}${name}`);
    hdf5.setAttribute(prefix.slice(0, -1), 'layer_names', names);
    for (const [name, { kernel, bias }] of Object.entries(weights)) {
      hdf5.setAttribute(`${prefix}${name}`, 'weight_names', [nameOf(name, 'kernel'), nameOf(name, 'bias')]);
      hdf5.addDataset(`${prefix}${name}/${nameOf(name, 'kernel')}`, kernel.values, kernel.shape, '<f');
      hdf5.addDataset(`${prefix}${name}/${nameOf(name, 'bias')}`, bias.values, bias.shape, '<f');
    }
    hdf5.close();
  };

/** As Keras 3 does, with the layers' names beside the weights or without. */
const counted =
  (hasNames: boolean): Layout =>
  async (weights) => {
    const hdf5 = await createHdf5File(file);
    for (const [index, [name, { kernel, bias }]] of Object.entries(weights).entries()) {
      const vars = `layers/${index === 0 ? 'conv2d' : `conv2d_${index}`}/vars`;
      hdf5.addDataset(`${vars}/0`, kernel.values, kernel.shape, '<f');
      hdf5.addDataset(`${vars}/1`, bias.values, bias.shape, '<f');
      if (hasNames) hdf5.setAttribute(vars, 'name', name);
    }
    hdf5.close();
  };

const layouts: Readonly<Record<string, Layout>> = {
  'weights alone, as published': named('', (layer, what) => `${layer}_${what === 'kernel' ? 'W' : 'b'}_1:0`),
  'a whole model': named('model_weights/', (layer, what) => `${layer}/${what}`),
  'Keras 3': counted(true),
  'an early Keras 3': counted(false),
};

async function read(wanted = layers): Promise<Weights> {
  const found: Record<string, { kernel: Stored; bias: Stored }> = {};
  await readConvolutions(file, wanted, ({ name, kernelShape }, kernel, bias) => {
    found[name] = { kernel: { shape: kernelShape, values: kernel }, bias: { shape: [bias.length], values: bias } };
  });
  return found;
}

async function refusal(wanted = layers): Promise<UsageError> {
  const error = await read(wanted).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof UsageError) return error;
  throw new Error(`the file was read, or not refused: ${String(error)}`);
}

describe('a file of weights', () => {
  it.each(Object.entries(layouts))('is read where it is %s', async (_, write) => {
    await write(weightsOf());
    expect(await read()).toEqual(weightsOf());
  });

  it('may hold its layers in another order, and further ones', async () => {
    const [first, second] = Object.entries(weightsOf()) as [[string, Weights[string]], [string, Weights[string]]];
    const more = { dense: { kernel: stored([2, 2], 7), bias: stored([2], 8) } };
    const mixed = Object.fromEntries([second, ...Object.entries(more), first]);
    await counted(true)(mixed);
    expect(await read()).toEqual(weightsOf());
  });
});

describe('a file of weights that cannot be used is refused', () => {
  it.each(Object.entries(layouts))('with the layer that is missing: %s', async (_, write) => {
    await write(weightsOf(layers.slice(0, 1)));
    const { message, hint } = await refusal();
    expect(message).toBe(
      `The weights file ${file} is that of another network than VGG16: it has no layer block1_conv2 with a kernel and a bias.`,
    );
    expect(hint).toContain('https://storage.googleapis.com/tensorflow/keras-applications/vgg16/');
  });

  it.each(Object.entries(layouts))('with the layer of another shape: %s', async (_, write) => {
    const [first, second] = layers as [WantedLayer, WantedLayer];
    await write(weightsOf([first, { ...second, kernelShape: [7, 7, 4, 2] }]));
    expect((await refusal()).message).toBe(
      `The weights file ${file} is that of another network than VGG16: its layer block1_conv2 has a kernel of 7x7x4x2, and not of 1x1x4x2.`,
    );
  });

  it('with the layer whose numbers are no floats of 32 bits, or not finite', async () => {
    const weights = weightsOf();
    const { kernel, bias } = weights.block1_conv1 as Weights[string];
    const broken = { ...kernel, values: kernel.values.with(5, Number.NaN) };
    await counted(true)({ ...weights, block1_conv1: { kernel: broken, bias } });
    expect((await refusal()).message).toBe(
      `The weights file ${file} is damaged: its layer block1_conv1 has a kernel with numbers that are not finite.`,
    );
    const hdf5 = await createHdf5File(file);
    hdf5.addDataset('layers/conv2d/vars/0', Int32Array.from(kernel.values), kernel.shape, '<i');
    hdf5.addDataset('layers/conv2d/vars/1', bias.values, bias.shape, '<f');
    hdf5.close();
    expect((await refusal()).message).toContain(
      'its layer block1_conv1 has a kernel of the type <i, and not of floats',
    );
  });

  it('where it holds no weights, or is no HDF5 file', async () => {
    const hdf5 = await createHdf5File(file);
    hdf5.addDataset('imgs', Float32Array.of(1), [1], '<f');
    hdf5.close();
    expect((await refusal()).message).toMatch(/^The file \S+ holds no weights of Keras: /);
    await writeFile(file, 'PK\u0003\u0004 a .keras archive');
    expect((await refusal()).message).toMatch(/^The file \S+ is no readable HDF5 file: /);
  });
});

describe('a checksum', () => {
  it('that is none of the published ones is named', async () => {
    await writeFile(file, 'weights of my own');
    expect(await checksumWarning(file)).toBe(
      `The weights file ${file} is none of those that Keras publishes for VGG16: its MD5 checksum is 21f58009dfe9e6bbc35f000cde039dc7.`,
    );
  });
});
