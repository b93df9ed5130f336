import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hdf5 } from '../../../../../trainer/data/sources/hdf5.ts';
import { createHdf5File } from '../../../../../trainer/export/hdf5-file.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../../support/index.ts';
import { openSource, refusalOf } from '../../../../support/sources.ts';

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory();
});
afterEach(() => folder.remove());

async function write(images: readonly number[], labels: readonly number[]): Promise<{ location: string }> {
  const location = folder.join('data.h5');
  const file = await createHdf5File(location);
  const count = images.reduce((product, size) => product * size, 1);
  file.addDataset(
    'imgs',
    Uint8Array.from({ length: count }, (_, at) => at),
    images,
    '<B',
  );
  file.addDataset('some/labels', Int32Array.from(labels), [labels.length], '<i');
  file.close();
  return { location };
}

describe('data sets of HDF5', () => {
  it('give images and classes by their names', async () => {
    const parameters = { ...(await write([3, 1, 2], [5, 3, 5])), labels: 'some/labels' };
    await using source = await openSource(hdf5, parameters);
    expect(source.classNames).toEqual(['3', '5']);
    expect(source.entries.map(({ id, label }) => [id, label])).toEqual([
      ['0', 1],
      ['1', 0],
      ['2', 1],
    ]);
    expect(await source.read(1)).toEqual({ pixels: Uint8Array.of(2, 3), height: 1, width: 2, channels: 1 });
    expect(await source.fingerprint(0)).not.toBe(await source.fingerprint(1));
  });
});

describe('data sets of HDF5 that cannot be used', () => {
  it.each([
    ['another name', [3, 1, 2], [5, 3, 5], {}, /There is no array labels in .*; it holds imgs, some\/labels\./],
    ['a wrong shape', [3], [5, 3, 5], { labels: 'some/labels' }, /imgs of .* have the shape \(3\); expected/],
    [
      'another number of labels',
      [3, 1, 2],
      [5],
      { labels: 'some/labels' },
      /There are 3 images in .*, but 1 labels in/,
    ],
  ])('are refused: %s', async (_, images, labels, names, message) => {
    expect(await refusalOf(hdf5, { ...(await write(images, labels)), ...names })).toMatch(message);
  });

  it('are refused where the file is none, is cut off, or is not there', async () => {
    const { location } = await write([3, 1, 2], [5, 3, 5]);
    const whole = await readFile(location);
    await writeFile(location, whole.subarray(0, whole.length / 2));
    expect(await refusalOf(hdf5, { location })).toMatch(/data\.h5 is no readable HDF5 file: File has been truncated\./);
    await writeFile(location, 'no HDF5');
    expect(await refusalOf(hdf5, { location })).toMatch(/data\.h5 is no readable HDF5 file: Not an HDF5 file\./);
    expect(await refusalOf(hdf5, { location: folder.join('none.h5') })).toContain('does not exist');
    expect(await refusalOf(hdf5, { location: folder.path })).toContain('is a folder; expected an HDF5 file');
  });
});
