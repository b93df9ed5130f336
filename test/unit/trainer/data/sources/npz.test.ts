import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { npz } from '../../../../../trainer/data/sources/npz.ts';
import { writeZip } from '../../../../support/cell-images.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../../support/index.ts';
import { contentOf, openSource, refusalOf } from '../../../../support/sources.ts';

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory();
});
afterEach(() => folder.remove());

function npy(type: string, shape: readonly number[], values: ArrayBufferView, order = 'False'): Buffer {
  const text = `{'descr': '${type}', 'fortran_order': ${order}, 'shape': (${shape.join(', ')},), }`;
  const header = Buffer.from(`${text.padEnd(117)}\n`);
  const start = Buffer.from('\x93NUMPY\x01\x00\x00\x00', 'latin1');
  start.writeUInt16LE(header.length, 8);
  return Buffer.concat([start, header, Buffer.from(values.buffer, values.byteOffset, values.byteLength)]);
}

const images = npy('|u1', [3, 1, 2], Uint8Array.of(1, 2, 3, 4, 5, 6));
const labels = npy('<i8', [3], BigInt64Array.of(4n, 0n, 4n));

async function write(files: Readonly<Record<string, Buffer>>, level: 0 | 6 = 6): Promise<{ location: string }> {
  const location = folder.join(`data-${level}.npz`);
  await writeZip(location, files, level);
  return { location };
}

describe('arrays of NumPy', () => {
  it('give images and classes, packed or stored', async () => {
    const files = { 'imgs.npy': images, 'labels.npy': labels };
    await using packed = await openSource(npz, await write(files, 6));
    await using stored = await openSource(npz, await write(files, 0));
    expect(packed.classNames).toEqual(['0', '4']);
    expect(packed.entries.map(({ id, label, split }) => [id, label, split])).toEqual([
      ['0', 1, null],
      ['1', 0, null],
      ['2', 1, null],
    ]);
    expect(await packed.read(2)).toEqual({ pixels: Uint8Array.of(5, 6), height: 1, width: 2, channels: 1 });
    expect(stored.entries).toEqual(packed.entries);
    expect(await contentOf(stored)).toEqual(await contentOf(packed));
  });

  it('take one column a class, other names, and parts', async () => {
    const oneHot = npy('<f4', [3, 4], Float32Array.of(0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0));
    const location = await write({ 'x.npy': images, 'y.npy': oneHot, 'x_test.npy': images, 'y_test.npy': labels });
    await using source = await openSource(npz, {
      ...location,
      images: 'x',
      labels: 'y',
      test_images: 'x_test',
      test_labels: 'y_test',
      class_names: ['a', 'b', 'c', 'd', 'e'],
    });
    expect(source.entries.map(({ id, label }) => `${id} ${source.classNames[label]}`)).toEqual([
      ...['training/0 c', 'training/1 a', 'training/2 b', 'test/0 e', 'test/1 a', 'test/2 e'],
    ]);
    await using unlabelled = await openSource(npz, { ...location, images: 'x', labels: '', test_images: 'x_test' });
    expect(unlabelled.classNames).toEqual([]);
    expect(unlabelled.entries.map(({ id }) => id)).toEqual([
      ...['training/0', 'training/1', 'training/2', 'test/0', 'test/1', 'test/2'],
    ]);
    expect(unlabelled.description).toMatch(/^6 images from /);
    const some = { ...location, images: 'x', labels: '', test_images: 'x_test', test_labels: 'y_test' };
    expect(await refusalOf(npz, some)).toBe(
      "Setting data_loader.test_labels is 'y_test', but data_loader.labels is empty.",
    );
    await using unnamed = await openSource(npz, { ...location, images: 'x', labels: 'y' });
    expect(unnamed.classNames).toEqual(['0', '1', '2', '3']);
  });

  it.each([
    ['<u2', [3, 1, 1], Uint16Array.of(1, 300, 65535), Uint16Array.of(300)],
    ['<f8', [3, 1, 1], Float64Array.of(1, 0.5, 2), Float32Array.of(0.5)],
    ['>i2', [3, 1, 1], Uint8Array.of(0, 1, 255, 254, 0, 3), Float32Array.of(-2)],
    ['<f2', [3, 1, 1], Uint16Array.of(0, 0xc100, 0), Float32Array.of(-2.5)],
    ['|u1', [3, 1], Uint8Array.of(1, 2, 3), Float32Array.of(2)],
  ])('read %s of shape (%s)', async (type, shape, values, expected) => {
    const location = await write({ 'imgs.npy': npy(type, shape, values), 'labels.npy': labels });
    await using source = await openSource(npz, location);
    expect(await source.read(1)).toEqual({ pixels: expected, height: 1, width: 1, channels: 1 });
  });

  it('take names for labels', async () => {
    const names = npy('<U3', [3], Uint32Array.from([...'dogcat'].map((c) => c.charCodeAt(0)).concat(233, 0, 0)));
    await using source = await openSource(npz, await write({ 'imgs.npy': images, 'labels.npy': names }));
    expect(source.classNames).toEqual(['cat', 'dog', 'é']);
  });
});

describe('arrays of NumPy that cannot be used', () => {
  it.each([
    ['another name', { 'x.npy': images, 'y.npy': labels }, /There is no array imgs in .*npz; it holds x, y\./],
    [
      'another number of labels',
      { 'imgs.npy': images, 'labels.npy': npy('|u1', [2], Uint8Array.of(1, 2)) },
      /There are 3 images in imgs of .*, but 2 labels in labels of /,
    ],
    [
      'a wrong shape',
      { 'imgs.npy': labels, 'labels.npy': labels },
      /imgs of .* have the shape \(3\); expected \(number/,
    ],
    [
      'channels first',
      { 'imgs.npy': npy('|u1', [1, 3, 5, 5], new Uint8Array(75)), 'labels.npy': labels },
      /have the shape \(1, 3, 5, 5\); channels must be the last/,
    ],
    [
      'columns first',
      { 'imgs.npy': npy('|u1', [3, 1, 2], new Uint8Array(6), 'True'), 'labels.npy': labels },
      /is stored columns first/,
    ],
    [
      'two classes at once',
      { 'imgs.npy': images, 'labels.npy': npy('|u1', [3, 2], Uint8Array.of(1, 0, 1, 1, 0, 1)) },
      /Label 1 of labels of .* is of no class or of several/,
    ],
    [
      'a label between two',
      { 'imgs.npy': images, 'labels.npy': npy('<f4', [3], Float32Array.of(1, 0.5, 0)) },
      /Label 1 of labels of .* is 0.5; expected a whole number/,
    ],
    [
      'a value that is no number',
      { 'imgs.npy': npy('<f4', [3, 1], Float32Array.of(1, Number.NaN, 0)), 'labels.npy': labels },
      /Image 1 of imgs of .* holds a value that is no number: NaN\./,
    ],
    [
      'Python objects',
      { 'imgs.npy': npy('|O', [3], new Uint8Array(3)), 'labels.npy': labels },
      /holds neither numbers/,
    ],
    ['an array that is cut off', { 'imgs.npy': images.subarray(0, -1), 'labels.npy': labels }, /imgs of .* is cut off/],
  ])('are refused: %s', async (_, files, message) => {
    expect(await refusalOf(npz, await write(files))).toMatch(message);
  });

  it('are refused where a part is empty, and where the file is none, is cut off, or is a folder', async () => {
    const empty = { 'x.npy': npy('|u1', [0, 1, 2], new Uint8Array()), 'y.npy': npy('|u1', [0], new Uint8Array()) };
    const { location } = await write({ 'imgs.npy': images, 'labels.npy': labels, ...empty });
    expect(await refusalOf(npz, { location, test_images: 'x', test_labels: 'y' })).toBe(
      `There are no images in x of ${location}.`,
    );
    await writeFile(location, (await readFile(location)).subarray(0, 90));
    expect(await refusalOf(npz, { location })).toBe(
      `The data file ${location} is not a readable zip: it is none, or it is cut off.`,
    );
    expect(await refusalOf(npz, { location: folder.path })).toBe(
      `The data ${folder.path} is a folder; expected an .npz file.`,
    );
  });

  it('are refused where bytes of the zip are damaged', async () => {
    const { location } = await write({ 'imgs.npy': images, 'labels.npy': labels }, 0);
    const bytes = await readFile(location);
    const at = bytes.indexOf(Buffer.of(1, 2, 3, 4, 5, 6));
    bytes[at] = 9;
    await writeFile(location, bytes);
    expect(await refusalOf(npz, { location })).toBe(
      `The entry imgs.npy of ${location} is damaged: its checksum is wrong.`,
    );
  });
});
