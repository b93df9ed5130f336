import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { malaria, patientOf } from '../../../../../trainer/data/sources/malaria.ts';
import { cellImageFiles, noisyPng, writeFiles, writeZip } from '../../../../support/cell-images.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../../support/index.ts';
import { contentOf, openSource, refusalOf } from '../../../../support/sources.ts';

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory();
});
afterEach(() => folder.remove());

async function refusalOfZip(files: Readonly<Record<string, Buffer>>): Promise<string> {
  await writeZip(folder.join('cells.zip'), files);
  return refusalOf(malaria, { location: folder.join('cells.zip') });
}

describe('patientOf', () => {
  it.each([
    ['C100P61ThinF_IMG_20150918_144104_cell_162.png', '100'],
    ['C1_thinF_IMG_20150604_104722_cell_9.png', '1'],
    ['ParasitizedC33P1thinF_IMG_20150619_114756a_cell_179.png', '33'],
    ['xC33.png', null],
    ['cell.png', null],
  ])('reads %s as %s', (name, patient) => {
    expect(patientOf(name)).toBe(patient);
  });
});

describe('malaria cells', () => {
  it('may be JPEGs, too', async () => {
    const name = 'cell_images/Parasitized/C1P1ThinF_IMG_20150918_144104_cell_0';
    const { [`${name}.png`]: image = Buffer.alloc(0), ...others } = cellImageFiles();
    await writeZip(folder.join('cells.zip'), { ...others, [`${name}.JPG`]: image });
    await using source = await openSource(malaria, { location: folder.join('cells.zip') });
    expect(source.entries).toHaveLength(48);
  });

  it('gives every cell of a zip once, with its class and its patient', async () => {
    const files = cellImageFiles();
    await writeZip(folder.join('cells.zip'), files);
    await using source = await openSource(malaria, { location: folder.join('cells.zip') });
    const names = Object.keys(files).map((name) => name.replace('cell_images/', ''));
    expect(source.entries.map(({ id }) => id)).toEqual(names.sort());
    expect(source.classNames).toEqual(['Uninfected', 'Parasitized']);
    expect(source.description).toBe(`48 cell images of 6 patients from ${folder.join('cells.zip')}`);
    for (const [place, { id, label, group }] of source.entries.entries()) {
      const { pixels, ...shape } = await source.read(place);
      expect(shape).toEqual({ height: 12, width: 12, channels: 1 });
      expect(label).toBe(id.startsWith('Parasitized') ? 1 : 0);
      expect((pixels[50] as number) < 120).toBe(label === 1);
      expect(id).toContain(`/C${group}P`);
    }
  });

  it('gives the same for a stored zip, a packed zip, the folder and its parent', async () => {
    const files = cellImageFiles();
    await writeFiles(folder.path, files);
    await writeZip(folder.join('packed.zip'), files, 6);
    await writeZip(folder.join('stored.zip'), files, 0);
    await using packed = await openSource(malaria, { location: folder.join('packed.zip') });
    for (const place of ['stored.zip', 'cell_images', '.']) {
      await using other = await openSource(malaria, { location: folder.join(place) });
      expect(other.entries).toEqual(packed.entries);
      expect(await contentOf(other)).toEqual(await contentOf(packed));
    }
  });

  it('passes over what is no cell image', async () => {
    const extra = {
      'cell_images/Parasitized/Thumbs.db': Buffer.from('x'),
      'cell_images/Parasitized/._C1P1.png': Buffer.from('x'),
      'cell_images/README.txt': Buffer.from('x'),
    };
    await writeZip(folder.join('cells.zip'), { ...cellImageFiles(), ...extra });
    await using source = await openSource(malaria, { location: folder.join('cells.zip') });
    expect(source.entries).toHaveLength(48);
  });
});

describe('cell images that cannot be used', () => {
  const damagedName = 'cell_images/Uninfected/C2P2ThinF_IMG_20150918_144104_cell_1.png';

  it('are named where they are missing', async () => {
    const location = '/storage/no-such-file.zip';
    expect(await refusalOf(malaria, { location })).toBe('The data /storage/no-such-file.zip does not exist.');
  });

  it('are refused where the file is no zip, or is cut off', async () => {
    const location = folder.join('cells.zip');
    await writeFile(location, 'this is no zip');
    expect(await refusalOf(malaria, { location })).toContain('cells.zip is not a readable zip');
    await writeZip(location, cellImageFiles());
    const whole = await readFile(location);
    await writeFile(location, whole.subarray(0, whole.length / 2));
    expect(await refusalOf(malaria, { location })).toContain('is not a readable zip');
  });

  it('are named where one is empty or cut off', async () => {
    const files = cellImageFiles();
    const half = (files[damagedName] as Buffer).subarray(0, 60);
    expect(await refusalOfZip({ ...files, [damagedName]: Buffer.alloc(0) })).toBe(
      `The image ${damagedName} in ${folder.join('cells.zip')} is empty.`,
    );
    expect(await refusalOfZip({ ...files, [damagedName]: half })).toBe(
      `The image ${damagedName} in ${folder.join('cells.zip')} is a broken PNG.`,
    );
  });

  it('are named where the bytes of one in the zip are damaged', async () => {
    const files = cellImageFiles();
    const location = folder.join('cells.zip');
    await writeZip(location, files, 0);
    const bytes = await readFile(location);
    const start = bytes.indexOf(files[damagedName] as Buffer);
    bytes[start + 70] = (bytes[start + 70] as number) ^ 1;
    await writeFile(location, bytes);
    expect(await refusalOf(malaria, { location })).toBe(
      `The image ${damagedName} in ${location} is damaged: its checksum is wrong.`,
    );
  });

  it('are refused where there is only one class, or none', async () => {
    const files = Object.entries(cellImageFiles()).filter(([name]) => name.includes('Parasitized'));
    expect(await refusalOfZip(Object.fromEntries(files))).toContain(
      'holds only one class: there is no image in Uninfected',
    );
    expect(await refusalOfZip({ 'pictures/a.png': noisyPng(4, 1, 0, 'a') })).toContain(
      'holds no cell images; expected cell_images/{Parasitized,Uninfected}/*.png',
    );
  });

  it('are refused where a file name does not tell the patient', async () => {
    const files = { ...cellImageFiles(), 'cell_images/Uninfected/cell.png': noisyPng(4, 1, 0, 'a') };
    expect(await refusalOfZip(files)).toContain('The name of cell_images/Uninfected/cell.png');
  });
});
