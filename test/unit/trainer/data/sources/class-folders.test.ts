import { mkdir, rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodePng } from '../../../../../trainer/data/png.ts';
import { classFolders } from '../../../../../trainer/data/sources/class-folders.ts';
import { noisyPng, writeFiles, writeZip } from '../../../../support/cell-images.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../../support/index.ts';
import { contentOf, openSource, refusalOf } from '../../../../support/sources.ts';

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory();
});
afterEach(() => folder.remove());

function pngs(...names: readonly string[]): Record<string, Buffer> {
  return Object.fromEntries(names.map((name) => [name, noisyPng(4, 1, 20, name)]));
}

const plain = pngs('dogs/1.png', 'dogs/2.png', 'cats/1.png', 'cats/young/3.PNG');
const split = pngs('train/dogs/1.png', 'train/cats/1.png', 'val/dogs/2.png', 'val/cats/1.png', 'test/cats/4.png');

async function inZip(files: Readonly<Record<string, Buffer>>): Promise<{ location: string }> {
  await writeZip(folder.join('data.zip'), files);
  return { location: folder.join('data.zip') };
}

describe('class folders', () => {
  it('give every image the class of its folder, in the order of the names', async () => {
    await using source = await openSource(classFolders, await inZip(plain));
    expect(source.classNames).toEqual(['cats', 'dogs']);
    expect(source.entries.map(({ id, label, split }) => [id, label, split])).toEqual([
      ['cats/1.png', 0, null],
      ['cats/young/3.PNG', 0, null],
      ['dogs/1.png', 1, null],
      ['dogs/2.png', 1, null],
    ]);
    expect(await source.read(2)).toEqual(decodePng(noisyPng(4, 1, 20, 'dogs/1.png')));
  });

  it('take the parts from train, validation and test above the classes', async () => {
    await using source = await openSource(classFolders, await inZip(split));
    expect(source.entries.map(({ id, split }) => `${split} ${id}`)).toEqual([
      'test test/cats/4.png',
      'training training/cats/1.png',
      'training training/dogs/1.png',
      'validation validation/cats/1.png',
      'validation validation/dogs/2.png',
    ]);
  });

  it.each([
    ['plain', plain],
    ['split', split],
  ])('are the same in a zip, in a zip of a folder, and in a folder (%s)', async (_, files) => {
    await using zipped = await openSource(classFolders, await inZip(files));
    const inner = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`pets/${name}`, bytes]));
    await writeZip(folder.join('inner.zip'), {
      ...inner,
      '__MACOSX/pets/dogs/._1.png': Buffer.from('x'),
      'notes/a.txt': Buffer.from('x'),
    });
    await writeFiles(folder.path, { ...inner, 'pets/.DS_Store': Buffer.from('x') });
    for (const place of ['inner.zip', 'pets']) {
      await using other = await openSource(classFolders, { location: folder.join(place) });
      expect(await contentOf(other)).toEqual(await contentOf(zipped));
    }
  });

  it('take names and order of the classes where they are given', async () => {
    const parameters = { ...(await inZip(plain)), class_names: ['dogs', 'birds', 'cats'] };
    await using source = await openSource(classFolders, parameters);
    expect(source.classNames).toEqual(['dogs', 'birds', 'cats']);
    expect(source.entries.map(({ label }) => label)).toEqual([2, 2, 0, 0]);
  });

  it('sort whole numbers by value', async () => {
    await using source = await openSource(classFolders, await inZip(pngs('10/a.png', '9/a.png', '1/a.png')));
    expect(source.classNames).toEqual(['1', '9', '10']);
  });
});

describe('class folders that cannot be used', () => {
  it.each([
    ['hold no images', { 'a/b.txt': Buffer.from('x') }, 'holds no images; expected <class>/'],
    ['hold one class', pngs('train/dogs/1.png', 'test/dogs/1.png'), 'holds only one class, dogs'],
    ['are one folder', pngs('dogs/1.png', 'dogs/2.png'), 'is a single folder of images'],
    ['have an image beside the classes', pngs('3.png', 'dogs/1.png', 'cats/2.png'), 'The image 3.png in'],
    ['have a class beside the parts', pngs('train/a/3.png', 'dogs/2.png'), 'holds dogs/2.png beside the folder train'],
  ])('%s', async (_, files, message) => {
    expect(await refusalOf(classFolders, await inZip(files))).toContain(message);
  });

  it('name a part and a class without images', async () => {
    await writeFiles(folder.join('pets'), split);
    await mkdir(folder.join('pets/val/birds'));
    const parameters = { location: folder.join('pets') };
    expect(await refusalOf(classFolders, parameters)).toContain(
      `The folder pets/val/birds in ${parameters.location} holds no PNG or JPEG; expected <class>/`,
    );
    await using source = await openSource(classFolders, { ...parameters, class_names: ['cats', 'dogs'] });
    expect(source.entries).toHaveLength(5);
    await rm(folder.join('pets/val'), { recursive: true });
    await mkdir(folder.join('pets/val'));
    expect(await refusalOf(classFolders, parameters)).toContain('The folder pets/val in');
    expect(await refusalOf(classFolders, await inZip({ ...plain, 'birds/1.webp': Buffer.from('RIFF') }))).toContain(
      'The folder birds in',
    );
  });

  it('name a folder that is no class', async () => {
    const parameters = { ...(await inZip(plain)), class_names: ['cats', 'birds'] };
    expect(await refusalOf(classFolders, parameters)).toBe(
      `The label 'dogs' of dogs/1.png in ${parameters.location}, its folder, is no class: the classes are cats, birds.`,
    );
  });

  it('name an image that is no image', async () => {
    const parameters = await inZip({ ...plain, 'dogs/2.png': Buffer.from('no image') });
    expect(await refusalOf(classFolders, parameters)).toBe(
      `The image dogs/2.png in ${parameters.location} is neither a PNG nor a JPEG.`,
    );
  });
});
