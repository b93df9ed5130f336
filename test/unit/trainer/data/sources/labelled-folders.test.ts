import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodePng } from '../../../../../trainer/data/png.ts';
import { labelledFolders } from '../../../../../trainer/data/sources/labelled-folders.ts';
import { noisyPng, writeFiles, writeZip } from '../../../../support/cell-images.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../../support/index.ts';
import { contentOf, openSource, refusalOf } from '../../../../support/sources.ts';

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory();
});
afterEach(() => folder.remove());

const files: Readonly<Record<string, Buffer>> = {
  'train/labels.csv': Buffer.from(
    'image name,label,scanner,patient,weight\nb.png,cat,"A, new",p1,2\na.png,dog,B,p2,1\n',
  ),
  'train/a.png': noisyPng(4, 1, 5, 'a'),
  'train/b.png': noisyPng(4, 1, 5, 'b'),
  'validation/labels.csv': Buffer.from('label,image name,patient,weight\ndog,deep/c.png,p3,1\n'),
  'validation/deep/c.png': noisyPng(4, 1, 5, 'c'),
  'test/labels.csv': Buffer.from('image name,label,patient,weight\na.png,cat,p4,0.5\n'),
  'test/a.png': noisyPng(4, 1, 5, 'd'),
};

async function inZip(changes: Readonly<Record<string, Buffer>> = {}): Promise<{ location: string }> {
  await writeZip(folder.join('data.zip'), { ...files, ...changes });
  return { location: folder.join('data.zip') };
}

describe('labelled folders', () => {
  it('give part, class, group, weight and the other columns of each image', async () => {
    await using source = await openSource(labelledFolders, {
      ...(await inZip()),
      group_column: 'patient',
      weight_column: 'weight',
    });
    expect(source.classNames).toEqual(['cat', 'dog']);
    expect(source.entries).toEqual([
      { id: 'test/a.png', label: 0, split: 'test', group: 'p4', weight: 0.5, columns: {} },
      { id: 'training/a.png', label: 1, split: 'training', group: 'p2', weight: 1, columns: { scanner: 'B' } },
      { id: 'training/b.png', label: 0, split: 'training', group: 'p1', weight: 2, columns: { scanner: 'A, new' } },
      { id: 'validation/deep/c.png', label: 1, split: 'validation', group: 'p3', weight: 1, columns: {} },
    ]);
    expect(await source.read(2)).toEqual(decodePng(files['train/b.png'] as Buffer));
  });

  it('are the same in a folder', async () => {
    await writeFiles(folder.join('data'), files);
    await using zipped = await openSource(labelledFolders, await inZip());
    await using plain = await openSource(labelledFolders, { location: folder.join('data') });
    expect(plain.entries).toEqual(zipped.entries);
    expect(await contentOf(plain)).toEqual(await contentOf(zipped));
  });
});

describe('labelled folders that cannot be used', () => {
  const csv = (text: string) => ({ 'train/labels.csv': Buffer.from(text) });
  it.each([
    [
      'a row without an image',
      csv('image name,label\na.png,cat\nb.png,dog\nx.png,dog\n'),
      'The image x.png of row 4 of train/labels.csv in ZIP is not there: there is no train/x.png.',
    ],
    [
      'a row that names none',
      csv('image name,label\na.png,cat\n,dog\n'),
      'Row 3 of train/labels.csv in ZIP names no image.',
    ],
    [
      'an image without a row',
      csv('image name,label\na.png,cat\n'),
      'The image train/b.png in ZIP has no row in train/labels.csv.',
    ],
    [
      'an image of two rows',
      csv('image name,label\na.png,cat\na.png,dog\n'),
      'The image a.png of row 3 of train/labels.csv in ZIP is in row 2 too.',
    ],
    [
      'no column of names',
      csv('file,label\na.png,cat\n'),
      'The table train/labels.csv in ZIP has no column image name; its columns are file, label.',
    ],
    [
      'an empty label',
      csv('image name,label\na.png,\nb.png,dog\n'),
      'The label in row 2 of train/labels.csv in ZIP is empty.',
    ],
  ])('are refused: %s', async (_, changes, message) => {
    const parameters = await inZip(changes);
    expect(await refusalOf(labelledFolders, parameters)).toBe(message.replace('ZIP', parameters.location));
  });

  it('are refused: a part of which there are images alone, or labels of nothing', async () => {
    const { 'validation/labels.csv': _, ...without } = files;
    await writeZip(folder.join('data.zip'), without);
    const location = folder.join('data.zip');
    expect(await refusalOf(labelledFolders, { location })).toBe(
      `There are images in validation of ${location}, but no validation/labels.csv.`,
    );
    expect(await refusalOf(labelledFolders, await inZip(csv('image name,label\n')))).toBe(
      `The table train/labels.csv in ${location} is empty; expected a header and a row a sample.`,
    );
  });

  it('are refused: a weight that is none', async () => {
    const parameters = await inZip(csv('image name,label,weight\na.png,cat,1\nb.png,dog,-1\n'));
    expect(await refusalOf(labelledFolders, { ...parameters, weight_column: 'weight' })).toContain(
      "The weight '-1' in row 3 of train/labels.csv",
    );
  });

  it('are refused: no tables', async () => {
    await writeZip(folder.join('data.zip'), { 'train/a.png': noisyPng(4, 1, 5, 'a') });
    expect(await refusalOf(labelledFolders, { location: folder.join('data.zip') })).toContain(
      'holds no labels.csv; expected train/, validation/ and test/',
    );
  });
});
