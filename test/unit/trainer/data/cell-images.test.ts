import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../../../src/errors.ts';
import { type CellImagesOptions, loadCellImages } from '../../../../trainer/data/cell-images.ts';
import { type Dataset, splitNames } from '../../../../trainer/data/dataset.ts';
import { patientOf } from '../../../../trainer/data/patient-split.ts';
import { cellImageFiles, noisyPng, writeFiles, writeZip } from '../../../support/cell-images.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../support/index.ts';

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory();
});
afterEach(() => folder.remove());

function load(location: string, options: Partial<CellImagesOptions> = {}): Promise<Dataset> {
  return loadCellImages({ location, imageSize: 10, seed: 1, trainingSamples: 0, validationSamples: 0, ...options });
}

async function loadZip(files: Readonly<Record<string, Buffer>>, level: 0 | 6 = 6): Promise<Dataset> {
  await writeZip(folder.join('cells.zip'), files, level);
  return load(folder.join('cells.zip'));
}

async function refusal(loading: Promise<unknown>): Promise<string> {
  const error: unknown = await loading.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof UsageError)) throw new Error(`expected a UsageError, got ${String(error)}`);
  expect(error.message).toMatch(/^[^.]*.*\.$/);
  return error.message;
}

function ids(dataset: Dataset): string[] {
  return splitNames.flatMap((name) => dataset.splits[name].samples.map(({ id }) => id)).sort();
}

describe('loadCellImages', () => {
  it('loads every cell of a zip once, resized, with its label, and no patient in two parts', async () => {
    const files = cellImageFiles();
    const dataset = await loadZip(files);
    expect(ids(dataset)).toEqual(
      Object.keys(files)
        .map((name) => name.replace('cell_images/', ''))
        .sort(),
    );
    expect(dataset.imageShape).toEqual([10, 10, 1]);
    expect(dataset.classNames).toEqual(['Uninfected', 'Parasitized']);
    const patients = splitNames.map(
      (name) => new Set(dataset.splits[name].samples.map(({ id }) => patientOf(id.split('/')[1] as string))),
    );
    expect(patients.reduce((sum, set) => sum + set.size, 0)).toBe(6);
    for (const name of splitNames) {
      for (const sample of dataset.splits[name].samples) {
        expect(sample.pixels).toHaveLength(100);
        expect(sample.label).toBe(sample.id.startsWith('Parasitized') ? 1 : 0);
        expect((sample.pixels[50] as number) < 120).toBe(sample.label === 1);
      }
    }
  });

  it('gives the same samples and digests for a stored zip, a packed zip, the folder and its parent', async () => {
    const files = cellImageFiles();
    await writeFiles(folder.path, files);
    const [packed, stored] = [await loadZip(files, 6), await loadZip(files, 0)];
    const [inner, parent] = [await load(folder.join('cell_images')), await load(folder.path)];
    for (const other of [stored, inner, parent]) expect(other.splits).toEqual(packed.splits);
    const digests = splitNames.map((name) => packed.splits[name].digest);
    expect(new Set(digests).size).toBe(3);
    for (const digest of digests) expect(digest).toMatch(/^[0-9a-f]{32}$/);
  });

  it('gives another digest where one image differs', async () => {
    const files = cellImageFiles();
    const before = await loadZip(files);
    const changed = before.splits.test.samples[0]?.id as string;
    const after = await loadZip({ ...files, [`cell_images/${changed}`]: noisyPng(12, 1, 70, 'other') });
    expect(after.splits.test.digest).not.toBe(before.splits.test.digest);
    expect(after.splits.training.digest).toBe(before.splits.training.digest);
  });

  it('keeps colour, and brings grey images among coloured ones to colour', async () => {
    const grey = noisyPng(12, 1, 60, 'grey');
    const name = 'cell_images/Parasitized/C1P1ThinF_IMG_20150918_144104_cell_0.png';
    const dataset = await loadZip({ ...cellImageFiles({ channels: 3 }), [name]: grey });
    expect(dataset.imageShape).toEqual([10, 10, 3]);
    for (const part of splitNames) {
      for (const sample of dataset.splits[part].samples) expect(sample).toMatchObject({ channels: 3 });
      for (const sample of dataset.splits[part].samples) expect(sample.pixels).toHaveLength(300);
    }
  });

  it('limits training and validation samples with both classes in proportion, by the seed', async () => {
    await writeZip(folder.join('cells.zip'), cellImageFiles({ patients: 10, cells: 6 }));
    const limited = await load(folder.join('cells.zip'), { trainingSamples: 10, validationSamples: 4 });
    const labels = (name: 'training' | 'validation'): number[] =>
      limited.splits[name].samples.map(({ label }) => label);
    expect(labels('training').sort()).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect(labels('validation').sort()).toEqual([0, 0, 1, 1]);
    const again = await load(folder.join('cells.zip'), { trainingSamples: 10, validationSamples: 4 });
    expect(ids(again)).toEqual(ids(limited));
  });

  it('passes over what is no cell image', async () => {
    const files = cellImageFiles();
    const extra = {
      'cell_images/Parasitized/Thumbs.db': Buffer.from('x'),
      'cell_images/Parasitized/._C1P1.png': Buffer.from('x'),
      'cell_images/README.txt': Buffer.from('x'),
    };
    expect(ids(await loadZip({ ...files, ...extra }))).toEqual(ids(await loadZip(files)));
  });

  it('tells how many images are loaded', async () => {
    await writeZip(folder.join('cells.zip'), cellImageFiles());
    const seen: string[] = [];
    await load(folder.join('cells.zip'), {
      onProgress: (stage, done, total, unit) => seen.push(`${stage} ${done}/${total} ${unit}`),
    });
    expect(seen.at(-1)).toBe('loading images 48/48 images');
  });
});

describe('data that cannot be used', () => {
  const damagedName = 'cell_images/Uninfected/C2P2ThinF_IMG_20150918_144104_cell_1.png';

  it('is named where it is missing', async () => {
    expect(await refusal(load('/storage/no-such-file.zip'))).toBe('The data /storage/no-such-file.zip does not exist.');
  });

  it('is refused where the file is no zip', async () => {
    await writeFile(folder.join('cells.zip'), 'this is no zip');
    expect(await refusal(load(folder.join('cells.zip')))).toContain('cells.zip is not a readable zip');
  });

  it('is refused where the zip is cut off', async () => {
    await writeZip(folder.join('cells.zip'), cellImageFiles());
    const whole = await readFile(folder.join('cells.zip'));
    await writeFile(folder.join('cells.zip'), whole.subarray(0, whole.length / 2));
    expect(await refusal(load(folder.join('cells.zip')))).toContain('is not a readable zip');
  });

  it('names an empty image', async () => {
    const message = await refusal(loadZip({ ...cellImageFiles(), [damagedName]: Buffer.alloc(0) }));
    expect(message).toBe(`The image ${damagedName} in ${folder.join('cells.zip')} is empty.`);
  });

  it('names a broken image', async () => {
    const files = cellImageFiles();
    const half = (files[damagedName] as Buffer).subarray(0, 60);
    const message = await refusal(loadZip({ ...files, [damagedName]: half }));
    expect(message).toBe(`The image ${damagedName} in ${folder.join('cells.zip')} is a broken PNG.`);
  });

  it('names an image whose bytes in the zip are damaged', async () => {
    const files = cellImageFiles();
    await writeZip(folder.join('cells.zip'), files, 0);
    const bytes = await readFile(folder.join('cells.zip'));
    const start = bytes.indexOf(files[damagedName] as Buffer);
    bytes[start + 70] = (bytes[start + 70] as number) ^ 1;
    await writeFile(folder.join('cells.zip'), bytes);
    expect(await refusal(load(folder.join('cells.zip')))).toContain(`${damagedName} in`);
    expect(await refusal(load(folder.join('cells.zip')))).toContain('is damaged: its checksum is wrong.');
  });

  it('is refused where there is only one class', async () => {
    const files = Object.entries(cellImageFiles()).filter(([name]) => name.includes('Parasitized'));
    const message = await refusal(loadZip(Object.fromEntries(files)));
    expect(message).toContain('holds only one class: there is no image in Uninfected');
  });

  it('is refused where there are no cell images at all', async () => {
    const message = await refusal(loadZip({ 'pictures/a.png': noisyPng(4, 1, 0, 'a') }));
    expect(message).toContain('holds no cell images; expected cell_images/{Parasitized,Uninfected}/*.png');
  });

  it('is refused where a file name does not tell the patient', async () => {
    const message = await refusal(
      loadZip({ ...cellImageFiles(), 'cell_images/Uninfected/cell.png': noisyPng(4, 1, 0, 'a') }),
    );
    expect(message).toContain('The name of cell_images/Uninfected/cell.png');
  });

  it('is refused where there are too few patients', async () => {
    expect(await refusal(loadZip(cellImageFiles({ patients: 2 })))).toContain('parasitized cells of 2 patients');
  });

  it('stops loading where it was asked to', async () => {
    await writeZip(folder.join('cells.zip'), cellImageFiles({ patients: 40, cells: 8 }));
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(load(folder.join('cells.zip'), { signal })).rejects.toThrow('enough');
  });
});
