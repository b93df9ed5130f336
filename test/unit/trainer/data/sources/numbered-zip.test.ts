import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodePng } from '../../../../../trainer/data/png.ts';
import { numberedZip } from '../../../../../trainer/data/sources/numbered-zip.ts';
import { noisyPng, writeFiles, writeZip } from '../../../../support/cell-images.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../../support/index.ts';
import { contentOf, openSource, refusalOf } from '../../../../support/sources.ts';

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory();
});
afterEach(() => folder.remove());

function images(prefix: string, count: number): Record<string, Buffer> {
  const places = [...Array(count).keys()];
  return Object.fromEntries(places.map((place) => [`${prefix}${place}.png`, noisyPng(4, 1, 9, prefix, place)]));
}

/** 12 images to train and 2 to test, so that the order of numbers and of names differ. */
async function write(at: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const labels = Array.from({ length: 12 }, (_, place) => `${place % 3},${place / 2}\n`).join('');
  const texts = {
    'training_labels.csv': `label,weight\n${labels}`,
    'testing_labels.csv': 'label,weight\n2,1\n1,1\n',
    ...files,
  };
  const written = Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)]);
  await writeFiles(folder.join(at), Object.fromEntries(written));
  return folder.join(at);
}

async function writeZipped(files: Readonly<Record<string, string>> = {}, count = 12): Promise<string> {
  const location = await write('zipped', files);
  await writeZip(folder.join('zipped', 'training_images.zip'), images('', count));
  await writeZip(folder.join('zipped', 'testing_images.zip'), images('', 2));
  return location;
}

describe('numbered images', () => {
  it('take class and part from the row of their number', async () => {
    await using source = await openSource(numberedZip, {
      location: await writeZipped(),
      weight_column: 'weight',
    });
    expect(source.classNames).toEqual(['0', '1', '2']);
    expect(source.entries).toHaveLength(14);
    expect(source.entries[10]).toMatchObject({ id: 'training/10', label: 1, split: 'training', weight: 5 });
    expect(source.entries[12]).toMatchObject({ id: 'testing/0', label: 2, split: 'test' });
    expect(await source.read(10)).toEqual(decodePng(noisyPng(4, 1, 9, '', 10)));
  });

  it('are the same in folders', async () => {
    await using zipped = await openSource(numberedZip, { location: await writeZipped() });
    const location = await write('plain');
    await writeFiles(folder.join('plain', 'training_images'), images('', 12));
    await writeFiles(folder.join('plain', 'testing_images'), images('', 2));
    await using plain = await openSource(numberedZip, { location });
    expect(plain.entries).toEqual(zipped.entries);
    expect(await contentOf(plain)).toEqual(await contentOf(zipped));
  });

  it('have the ten names of Fashion-MNIST by a preset', async () => {
    await using source = await openSource(numberedZip, { location: await writeZipped(), preset: 'fashion_mnist' });
    expect(source.classNames.slice(0, 2)).toEqual(['T-shirt/top', 'Trouser']);
    expect(source.classNames).toHaveLength(10);
    expect(source.name).toBe('fashion-mnist');
  });
});

describe('numbered images that cannot be used', () => {
  it('name the image that has no label', async () => {
    const location = await writeZipped({}, 13);
    expect(await refusalOf(numberedZip, { location })).toBe(
      `The image 12.png in ${location}/training_images.zip has no label: ${location}/training_labels.csv has 12 rows below its header.`,
    );
  });

  it('name the row that has no image', async () => {
    const location = await writeZipped({}, 11);
    expect(await refusalOf(numberedZip, { location })).toBe(
      `Row 13 of ${location}/training_labels.csv has no image: there is no 11.png in ${location}/training_images.zip.`,
    );
  });

  it('name the columns where that of the label is missing', async () => {
    const location = await writeZipped({ 'testing_labels.csv': 'class\n1\n2\n' });
    expect(await refusalOf(numberedZip, { location })).toBe(
      `The table ${location}/testing_labels.csv has no column label; its columns are class.`,
    );
  });

  it('name the row of a label that is no class', async () => {
    const location = await writeZipped();
    expect(await refusalOf(numberedZip, { location, class_names: ['a', 'b'] })).toBe(
      `The label '2' in row 4 of ${location}/training_labels.csv is no class: there are 2 class names, so labels are 0 to 1.`,
    );
  });

  it('name the row and the file of an image that is cut off', async () => {
    const location = await writeZipped();
    const cut = { '7.png': noisyPng(4, 1, 9, '', 7).subarray(0, 50) };
    await writeZip(folder.join('zipped', 'training_images.zip'), { ...images('', 12), ...cut });
    expect(await refusalOf(numberedZip, { location })).toBe(
      `The image 7.png in ${location} (row 9 of ${location}/training_labels.csv) is a broken PNG.`,
    );
  });

  it('say which files are missing', async () => {
    expect(await refusalOf(numberedZip, { location: folder.path })).toContain('holds no numbered images; expected');
    const zip = `${await writeZipped({ 'testing_labels.csv': 'label\n' })}/training_images.zip`;
    expect(await refusalOf(numberedZip, { location: zip })).toContain(
      'training_images.zip is a file; expected the folder',
    );
    expect(await refusalOf(numberedZip, { location: folder.join('zipped') })).toContain('testing_labels.csv is empty');
    await rm(folder.join('zipped'), { recursive: true });
    const location = await write('zipped');
    expect(await refusalOf(numberedZip, { location })).toBe(
      `There are labels in ${location}/training_labels.csv, but no images in ${location}/training_images.zip.`,
    );
  });
});
