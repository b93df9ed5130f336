import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { idx } from '../../../../../trainer/data/sources/idx.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../../support/index.ts';
import { contentOf, openSource, refusalOf } from '../../../../support/sources.ts';

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory();
});
afterEach(() => folder.remove());

function idxFile(shape: readonly number[], values: readonly number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  for (const [at, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * at);
  return Buffer.concat([header, Buffer.from(values)]);
}

const images = idxFile([3, 1, 2], [1, 2, 3, 4, 5, 6]);
const labels = idxFile([3], [7, 0, 7]);

async function write(files: Readonly<Record<string, Buffer>>, at = 'data'): Promise<{ location: string }> {
  await mkdir(folder.join(at), { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(folder.join(at, name), bytes);
  return { location: folder.join(at) };
}

describe('IDX files', () => {
  it('give images, classes and the part that the name says', async () => {
    const parameters = await write({ 't10k-images-idx3-ubyte': images, 't10k-labels-idx1-ubyte': labels });
    await using source = await openSource(idx, parameters);
    expect(source.classNames).toEqual(['0', '7']);
    expect(source.entries.map(({ id, label, split }) => [id, label, split])).toEqual([
      ['t10k/0', 1, 'test'],
      ['t10k/1', 0, 'test'],
      ['t10k/2', 1, 'test'],
    ]);
    expect(await source.read(1)).toEqual({ pixels: Uint8Array.of(3, 4), height: 1, width: 2, channels: 1 });
  });

  it('are the same where they are packed, and leave nothing behind', async () => {
    const plain = await write({ 'train-images-idx3-ubyte': images, 'train-labels-idx1-ubyte': labels });
    const files = { 'train-images-idx3-ubyte.gz': gzipSync(images), 'train-labels-idx1-ubyte.gz': gzipSync(labels) };
    const packed = await write(files, 'packed');
    await using first = await openSource(idx, plain);
    await using second = await openSource(idx, packed, { cacheDirectory: folder.join('cache') });
    expect(second.entries).toEqual(first.entries);
    expect(await contentOf(second)).toEqual(await contentOf(first));
    expect(await readdir(folder.join('cache'))).toEqual([]);
  });
});

describe('IDX files that cannot be used', () => {
  it.each([
    ['other files', {}, 'holds no IDX files'],
    ['images without labels', { 'a-images-idx3-ubyte': images }, 'but no labels: neither'],
    [
      'labels without images',
      { 'a-images-idx3-ubyte': images, 'a-labels-idx1-ubyte': labels, 't10k-labels-idx1-ubyte.gz': gzipSync(labels) },
      't10k-labels-idx1-ubyte.gz, but no images beside them.',
    ],
    [
      'no image at all',
      { 'a-images-idx3-ubyte': idxFile([0, 1, 2], []), 'a-labels-idx1-ubyte': idxFile([0], []) },
      'There are no images in',
    ],
    [
      'another number of labels',
      { 'a-images-idx3-ubyte': images, 'a-labels-idx1-ubyte': idxFile([2], [1, 2]) },
      'There are 3 images in',
    ],
    [
      'a file that is cut off',
      { 'a-images-idx3-ubyte': images.subarray(0, -1), 'a-labels-idx1-ubyte': labels },
      'a-images-idx3-ubyte is cut off: it holds 21 of 22 bytes.',
    ],
    [
      'a file that is no IDX',
      { 'a-images-idx3-ubyte': Buffer.from('no images'), 'a-labels-idx1-ubyte': labels },
      'a-images-idx3-ubyte is no IDX file of unsigned bytes.',
    ],
    [
      'a packed file that is cut off',
      { 'a-images-idx3-ubyte.gz': gzipSync(images).subarray(0, -4), 'a-labels-idx1-ubyte': labels },
      'a-images-idx3-ubyte.gz cannot be unpacked',
    ],
  ])('are refused: %s', async (_, files, message) => {
    expect(await refusalOf(idx, await write(files))).toContain(message);
  });

  it('are refused where there is no folder', async () => {
    expect(await refusalOf(idx, { location: folder.join('none') })).toContain('does not exist');
    const { location } = await write({ 'train-images-idx3-ubyte': images });
    expect(await refusalOf(idx, { location: `${location}/train-images-idx3-ubyte` })).toContain(
      'is a file; expected the folder of *-images-idx3-ubyte',
    );
  });
});
