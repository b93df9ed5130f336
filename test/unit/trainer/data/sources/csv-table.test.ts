import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodePng } from '../../../../../trainer/data/png.ts';
import { csvTable } from '../../../../../trainer/data/sources/csv-table.ts';
import { noisyPng, writeFiles, writeZip } from '../../../../support/cell-images.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../../support/index.ts';
import { contentOf, openSource, refusalOf } from '../../../../support/sources.ts';

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory();
});
afterEach(() => folder.remove());

async function table(text: string): Promise<{ location: string }> {
  const location = folder.join('table.csv');
  await writeFile(location, text);
  return { location };
}

const images = { 'pictures/a.png': noisyPng(4, 1, 5, 'a'), 'pictures/b.png': noisyPng(4, 1, 5, 'b') };

describe('a table of numbers', () => {
  it('gives each row as numbers, with class, part, group, weight and id', async () => {
    const text = 'name;age;sex;ill;who;how;part\n"a;1";1.5;0;yes;p1;2;train\nb;-2e1;1;no;p2;1;test\n';
    await using source = await openSource(csvTable, {
      ...(await table(text)),
      separator: ';',
      label_column: 'ill',
      id_column: 'name',
      group_column: 'who',
      weight_column: 'how',
      split_column: 'part',
    });
    expect(source.classNames).toEqual(['no', 'yes']);
    expect(source.entries).toEqual([
      { id: 'a;1', label: 1, split: 'training', group: 'p1', weight: 2, columns: {} },
      { id: 'b', label: 0, split: 'test', group: 'p2', weight: 1, columns: {} },
    ]);
    expect(await source.read(0)).toEqual({ pixels: Float32Array.of(1.5, 0), height: 1, width: 2, channels: 1 });
    expect(await source.read(1)).toEqual({ pixels: Float32Array.of(-20, 1), height: 1, width: 2, channels: 1 });
    expect(await source.fingerprint(0)).not.toBe(await source.fingerprint(1));
    expect(source.description).toContain('2 rows of 2 numbers and 2 classes from');
  });

  it('takes the columns that are asked for, in their order, and keeps the others', async () => {
    await using source = await openSource(csvTable, {
      ...(await table('a,b,c,label\n1,2,x,0\n3,4,y,1')),
      feature_columns: ['b', 'a'],
    });
    expect((await source.read(1)).pixels).toEqual(Float32Array.of(4, 3));
    expect(source.entries[1]).toMatchObject({ id: '1', columns: { c: 'y' } });
  });

  it('needs no classes', async () => {
    await using source = await openSource(csvTable, { ...(await table('a,b\n1,2\n3,4')), label_column: '' });
    expect(source.classNames).toEqual([]);
    expect(source.description).toMatch(/^2 rows of 2 numbers from /);
    expect((await source.read(1)).pixels).toEqual(Float32Array.of(3, 4));
  });
});

describe('a table of paths', () => {
  const text = 'file,label,note\npictures/a.png,1,x\npictures/b.png,0,y\n';

  it('gives the images beside it, in another folder, or in a zip', async () => {
    const parameters = { ...(await table(text)), image_column: 'file' };
    await writeFiles(folder.path, images);
    await writeFiles(folder.join('elsewhere'), images);
    await writeZip(folder.join('images.zip'), images);
    await using beside = await openSource(csvTable, parameters);
    expect(beside.entries[0]).toMatchObject({ id: 'pictures/a.png', label: 1, columns: { note: 'x' } });
    expect(await beside.read(1)).toEqual(decodePng(images['pictures/b.png']));
    for (const place of ['elsewhere', 'images.zip']) {
      await using other = await openSource(csvTable, { ...parameters, image_folder: folder.join(place) });
      expect(await contentOf(other)).toEqual(await contentOf(beside));
    }
  });

  it('names the row whose image is not there', async () => {
    await writeFiles(folder.path, { 'pictures/a.png': images['pictures/a.png'] });
    const { location } = await table(text);
    expect(await refusalOf(csvTable, { location, image_column: 'file' })).toBe(
      `The image pictures/b.png of row 3 of ${location} is not there: it is not in ${folder.path}.`,
    );
  });

  it('names the row that names no image', async () => {
    const { location } = await table('file,label\n,1\n');
    expect(await refusalOf(csvTable, { location, image_column: 'file' })).toBe(`Row 2 of ${location} names no image.`);
  });

  it('names file and row of an image that is cut off, and of one that is there twice', async () => {
    await writeFiles(folder.join('elsewhere'), {
      ...images,
      'pictures/b.png': images['pictures/b.png'].subarray(0, 60),
    });
    const image_folder = folder.join('elsewhere');
    const { location } = await table(text);
    expect(await refusalOf(csvTable, { location, image_column: 'file', image_folder })).toBe(
      `The image pictures/b.png in ${image_folder} (row 3 of ${location}) is a broken PNG.`,
    );
    await table(`${text}pictures/a.png,0,z\n`);
    expect(await refusalOf(csvTable, { location, image_column: 'file', image_folder })).toBe(
      `The image pictures/a.png in ${image_folder} (row 4 of ${location}) has the id pictures/a.png, which row 2 of ${location} has too.`,
    );
  });

  it('quotes on one line what a stray quote made one cell', async () => {
    const { location } = await table('file,label\n"a.png,1\nb.png"x,0\n');
    expect(await refusalOf(csvTable, { location, image_column: 'file' })).toContain(
      'The image a.png,1 b.pngx of row 2 of',
    );
  });
});

describe('a table that cannot be used', () => {
  it('says how columns of numbers are named, where none are', async () => {
    const { location } = await table('name,a,label\nx,1,0\n');
    await expect(openSource(csvTable, { location })).rejects.toMatchObject({
      message: `Row 2 of ${location} has 'x' in column name; expected a number.`,
      hint: expect.stringContaining('data_loader.feature_columns'),
    });
  });

  it.each([
    ['no label', 'a,b\n1,2\n', {}, 'The table TABLE has no column label; its columns are a, b.'],
    [
      'no such column of numbers',
      'a,label\n1,2\n',
      { feature_columns: ['c'] },
      'The table TABLE has no column c; its columns are a, label.',
    ],
    ['a cell that is no number', 'a,label\n1,0\nx,1\n', {}, "Row 3 of TABLE has 'x' in column a; expected a number."],
    ['an empty cell', 'a,label\n1,0\n,1\n', {}, "Row 3 of TABLE has '' in column a; expected a number."],
    ['a short row', 'a,label\n1,0\n2\n', {}, 'Row 3 of TABLE has 1 cells, but the header has 2 columns.'],
    ['no rows', 'a,label\n', {}, 'The table TABLE is empty; expected a header and a row a sample.'],
    ['nothing but labels', 'label\n1\n', {}, 'The table TABLE has no columns besides that of the label.'],
    [
      'a label that is no class',
      'a,label\n1,x\n1,z\n',
      { class_names: ['x', 'y'] },
      "The label 'z' in row 3 of TABLE is no class: the classes are x, y.",
    ],
    [
      'a part that is none',
      'a,part,label\n1,later,x\n',
      { split_column: 'part' },
      "The part 'later' in row 2 of TABLE is not one of train, validation and test.",
    ],
    [
      'an id that is there twice',
      'a,label,id\n1,x,7\n1,y,7\n',
      { id_column: 'id' },
      'Row 3 of TABLE has the id 7, which another has too.',
    ],
  ])('is refused: %s', async (_, text, more, message) => {
    const { location } = await table(text);
    expect(await refusalOf(csvTable, { location, ...more })).toBe(message.replace('TABLE', location));
  });

  it('is refused where it is not there', async () => {
    expect(await refusalOf(csvTable, { location: folder.join('none.csv') })).toContain('does not exist');
    expect(await refusalOf(csvTable, { location: folder.path })).toContain('is a folder; expected a CSV file');
  });
});
