import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage } from '../../trainer/data/image-decoder.ts';
import { openImageArchive } from '../../trainer/data/image-files.ts';
import { hdf5 } from '../../trainer/data/sources/hdf5.ts';
import { idx } from '../../trainer/data/sources/idx.ts';
import { malaria } from '../../trainer/data/sources/malaria.ts';
import { npz } from '../../trainer/data/sources/npz.ts';
import { numberedZip } from '../../trainer/data/sources/numbered-zip.ts';
import type { DataSource } from '../../trainer/data/sources/source.ts';
import { tfrecord } from '../../trainer/data/sources/tfrecord.ts';
import { writeFiles } from '../support/cell-images.ts';
import { requireData, type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';
import { type PythonData, writePythonData } from '../support/python-data.ts';
import { openSource, refusalOf } from '../support/sources.ts';

let folder: TemporaryDirectory;
beforeAll(async () => {
  folder = await temporaryDirectory();
});
afterAll(() => folder?.remove());

describe('files that Python wrote', () => {
  let python: PythonData;
  beforeAll(async () => {
    python = await writePythonData(folder.path);
  });

  async function expectImages(source: DataSource, names: readonly string[]): Promise<void> {
    expect(source.entries.map(({ label }) => source.classNames[label])).toEqual(
      python.labels.map((label) => names[label]),
    );
    for (const [place, values] of python.images.entries()) {
      const { pixels, ...shape } = await source.read(place);
      expect(shape).toEqual({ height: 5, width: 4, channels: 1 });
      expect([...pixels]).toEqual(values);
    }
  }

  it('are decoded to the pixels that PIL and TensorFlow decode', async () => {
    const types = { uint8: Uint8Array, uint16: Uint16Array };
    expect(Object.keys(python.decoded)).toHaveLength(17);
    for (const [name, { shape, dtype, values }] of Object.entries(python.decoded)) {
      const { pixels, height, width, channels } = decodeImage(await readFile(folder.join(name)));
      expect([name, height, width, channels]).toEqual([name, ...shape]);
      expect(pixels, name).toBeInstanceOf(types[dtype as keyof typeof types]);
      expect([...pixels], name).toEqual(values);
    }
  });

  it('are refused where a JPEG is of CMYK or is cut off', async () => {
    expect(() => decodeImage(Buffer.alloc(0))).toThrow('is empty');
    const cmyk = await readFile(folder.join('cmyk.jpg'));
    expect(() => decodeImage(cmyk)).toThrow('is a JPEG of CMYK colours; expected grey or RGB');
    const whole = await readFile(folder.join('progressive.jpg'));
    for (const share of [0.01, 0.3, 0.6, 0.9]) {
      const cut = whole.subarray(0, Math.ceil(whole.length * share));
      expect(() => decodeImage(cut)).toThrow(share < 0.02 ? /is (neither|a broken)/ : 'is a broken JPEG');
    }
    expect(decodeImage(whole).channels).toBe(3);
  });

  it('give the arrays of NumPy', async () => {
    await using stored = await openSource(npz, { location: folder.join('stored.npz') });
    await expectImages(stored, ['0', '1', '2', '3']);
    await using packed = await openSource(npz, {
      location: folder.join('packed.npz'),
      class_names: ['w', 'x', 'y', 'z'],
    });
    await expectImages(packed, ['w', 'x', 'y', 'z']);
    expect(await packed.fingerprint(7)).toBe(await stored.fingerprint(7));
    await using floats = await openSource(npz, { location: folder.join('floats.npz') });
    const { pixels } = await floats.read(3);
    expect(pixels).toEqual(Float32Array.from(python.images[3] ?? [], (value) => value / 255));
  });

  it('give the data sets of HDF5, packed in chunks', async () => {
    const location = folder.join('data.h5');
    await using numbers = await openSource(hdf5, { location });
    await expectImages(numbers, ['0', '1', '2', '3']);
    await using names = await openSource(hdf5, { location, labels: 'names/label' });
    await expectImages(names, ['a', 'b', 'c', 'd']);
    expect(await refusalOf(hdf5, { location, images: 'half' })).toContain('The data set half of');
    // Chunks that it cannot make smaller are stored as they are.
    expect(await refusalOf(hdf5, { location, images: 'lzf' })).toMatch(
      /^Image \d+ of lzf of \S+ cannot be read: it is packed by lzf; expected gzip or no compression\.$/,
    );
  });

  it('give TFRecords in the layout of TensorFlow Datasets', async () => {
    await using source = await openSource(tfrecord, { location: folder.join('tfds') });
    await expectImages(source, ['a', 'b', 'c', 'd']);
    expect(source.entries[30]).toMatchObject({ id: 'training/30', split: 'training' });
    expect(source.entries[45]).toMatchObject({ id: 'test/5', split: 'test' });
    expect(source.entries[45]?.columns).toEqual({ id: 'note 45', score: '0.5', offset: '-300' });
  });
});

describe('real data', () => {
  it('gives Fashion-MNIST from its zips, equal to the folders', async () => {
    const location = requireData('fashion-mnist');
    await using source = await openSource(numberedZip, { location, preset: 'fashion_mnist' });
    expect(source.description).toBe(`70000 images of 10 classes from ${location}`);
    const ofPart = (part: string) => source.entries.filter(({ split }) => split === part).length;
    expect([ofPart('training'), ofPart('test')]).toEqual([60_000, 10_000]);
    expect(await source.read(0)).toMatchObject({ height: 28, width: 28, channels: 1 });
    const archive = await openImageArchive(`${location}/testing_images.zip`);
    const first = (await archive.files.find(({ name }) => name === '0.png')?.read()) as Buffer;
    await archive.close();
    const rows = (await readFile(`${location}/testing_labels.csv`, 'utf8')).split(/\r?\n/);
    await writeFiles(folder.join('fashion'), {
      'testing_images/0.png': first,
      'testing_labels.csv': Buffer.from(`label\n${rows[1]}\n`),
    });
    await using plain = await openSource(numberedZip, { location: folder.join('fashion'), preset: 'fashion_mnist' });
    expect(plain.entries[0]).toEqual(source.entries[60_000]);
    expect(await plain.fingerprint(0)).toBe(await source.fingerprint(60_000));
    expect(await plain.read(0)).toEqual(await source.read(60_000));
  });

  it('gives MNIST from gzip, equal to the unpacked files', async () => {
    const location = requireData('mnist');
    await using packed = await openSource(idx, { location });
    expect(packed.classNames).toEqual([...'0123456789']);
    expect(packed.entries).toHaveLength(10_000);
    for (const name of ['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte']) {
      await mkdir(folder.join('mnist'), { recursive: true });
      await writeFile(folder.join('mnist', name), gunzipSync(await readFile(`${location}/${name}.gz`)));
    }
    await using plain = await openSource(idx, { location: folder.join('mnist') });
    expect(plain.entries).toEqual(packed.entries);
    for (const place of [0, 5000, 9999]) {
      expect(await plain.fingerprint(place)).toBe(await packed.fingerprint(place));
    }
    // The first test digit of MNIST is a 7 of 116 pixels that are not black.
    expect(packed.classNames[packed.entries[0]?.label ?? -1]).toBe('7');
    expect((await packed.read(0)).pixels.filter((value) => value > 0)).toHaveLength(116);
  });

  it('gives every malaria cell with its patient', async () => {
    const location = `${requireData('malaria')}/cell_images.zip`;
    await using source = await openSource(malaria, { location });
    expect(source.description).toBe(`27558 cell images of 200 patients from ${location}`);
    expect(source.entries.filter(({ label }) => label === 1)).toHaveLength(13_779);
    expect(await source.read(20_000)).toMatchObject({ height: 50, width: 50, channels: 1 });
  });
});
