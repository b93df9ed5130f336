import { z } from 'zod';
import { UsageError } from '../../../src/errors.ts';
import { type ImageFile, openImageArchive } from '../image-files.ts';
import { location } from './common-parameters.ts';
import { type FileRecord, fileSource, noColumns } from './file-source.ts';
import type { DataSource, SourceDefinition } from './source.ts';

const classNames = ['Uninfected', 'Parasitized'] as const;
const layout = 'cell_images/{Parasitized,Uninfected}/*.png';

const parameters = z.strictObject({
  location: location('the zip of cell images, or of the folder that it holds'),
});

/** The patient of a cell image, from its file name as the NIH set writes it (`C33P1thinF…`, `C1_thinF…`). */
export function patientOf(fileName: string): string | null {
  return /^(?:Parasitized)?C(\d+)/.exec(fileName)?.[1] ?? null;
}

/** The NIH malaria set or one of its form; the group of a cell is its patient. */
export const malaria: SourceDefinition<typeof parameters> = {
  name: 'malaria',
  parameters,
  async open({ location }) {
    const archive = await openImageArchive(location);
    try {
      return cellSource(listCells(archive.files, location), location, () => archive.close());
    } catch (error) {
      await archive.close();
      throw error;
    }
  },
};

function cellSource(records: readonly FileRecord[], location: string, close: () => Promise<void>): DataSource {
  const patients = new Set(records.map(({ entry }) => entry.group)).size;
  const description = `${records.length} cell images of ${patients} patients from ${location}`;
  return fileSource({ name: 'malaria-cells', description, classNames }, records, location, close);
}

/** The cells of an archive in the order of their names; everything outside the two class folders is passed over. */
function listCells(files: readonly ImageFile[], location: string): FileRecord[] {
  const cells: FileRecord[] = [];
  for (const file of files) {
    const match = /(?:^|\/)(Parasitized|Uninfected)\/([^/]+\.(?:png|jpe?g))$/i.exec(file.name);
    const [, className, fileName] = match ?? [];
    // macOS puts a shadow `._name` of each file into its zips.
    if (className === undefined || fileName === undefined || fileName.startsWith('._')) continue;
    const label = classNames.findIndex((name) => name.toLowerCase() === className.toLowerCase());
    const patient = patientOf(fileName);
    if (patient === null) {
      throw new UsageError(`The name of ${file.name} in ${location} does not begin with its patient (C and digits).`);
    }
    const id = `${classNames[label]}/${fileName}`;
    cells.push({ file, entry: { id, label, split: null, group: patient, weight: 1, columns: noColumns } });
  }
  if (cells.length === 0) throw new UsageError(`The data ${location} holds no cell images; expected ${layout}.`);
  for (const [label, name] of classNames.entries()) {
    if (!cells.some(({ entry }) => entry.label === label)) {
      throw new UsageError(
        `The data ${location} holds only one class: there is no image in ${name}; expected ${layout}.`,
      );
    }
  }
  return cells.sort((a, b) => (a.entry.id < b.entry.id ? -1 : 1));
}
