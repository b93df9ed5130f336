import { z } from 'zod';
import { UsageError } from '../../../src/errors.ts';
import type { SplitName } from '../dataset.ts';
import { imageFileName } from '../image-decoder.ts';
import { type ImageFile, openImageArchive } from '../image-files.ts';
import { shown } from './cell-text.ts';
import { classNames, csvColumns, location } from './common-parameters.ts';
import { parseCsv, rowNames, rowNumber } from './csv.ts';
import { isShadow, splitOfFolder } from './folder-names.ts';
import { notFound } from './image-finder.ts';
import { type LabelledImage, labelledImageSource } from './labelled-images.ts';
import { sampleRowReader } from './sample-table.ts';
import type { SourceDefinition } from './source.ts';

const layout = 'train/, validation/ and test/, each with labels.csv and its images';

const parameters = z.strictObject({
  location: location('a folder or zip with train/, validation/ and test/, each with a labels.csv'),
  image_column: z.string().min(1).default('image name').describe('Column of the name of the image.'),
  ...csvColumns,
  class_names: classNames,
});

type Parameters = z.output<typeof parameters>;

/** Images in one folder a part, each of which has a table of their labels. */
export const labelledFolders: SourceDefinition<typeof parameters> = {
  name: 'labelled_folders',
  parameters,
  async open(given) {
    const { location, class_names } = given;
    const archive = await openImageArchive(location);
    try {
      const images = await listImages(archive.files, given);
      return labelledImageSource(images, { location, classNames: class_names }, () => archive.close());
    } catch (error) {
      await archive.close();
      throw error;
    }
  },
};

async function listImages(files: readonly ImageFile[], given: Parameters): Promise<LabelledImage[]> {
  const tables = files.flatMap((file) => {
    const [, folder = '', part = ''] = /^((?:.*\/)?([^/]+)\/)labels\.csv$/.exec(file.name) ?? [];
    const split = splitOfFolder(part);
    return split === null || isShadow(file.name) ? [] : [{ file, folder, split }];
  });
  if (tables.length === 0) throw new UsageError(`The data ${given.location} holds no labels.csv; expected ${layout}.`);
  checkEveryPart(files, tables, given.location);
  const images: LabelledImage[] = [];
  const seen = new Map<SplitName, string>();
  for (const { file, folder, split } of tables) {
    const other = seen.get(split);
    if (other !== undefined) {
      throw new UsageError(`The data ${given.location} holds both ${other} and ${file.name}; expected ${layout}.`);
    }
    seen.set(split, file.name);
    images.push(...(await readPart(file, folder, split, files, given)));
  }
  return images.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Throws UsageError for images of a part beside the others that has no table. */
function checkEveryPart(
  files: readonly ImageFile[],
  tables: readonly { readonly folder: string }[],
  location: string,
): void {
  const besides = new Set(tables.map(({ folder }) => folder.replace(/[^/]+\/$/, '')));
  const labelled = new Set(tables.map(({ folder }) => folder));
  for (const { name } of files) {
    if (!imageFileName.test(name) || isShadow(name)) continue;
    for (const above of besides) {
      const [, part = ''] = name.startsWith(above) ? (/^([^/]+)\//.exec(name.slice(above.length)) ?? []) : [];
      if (splitOfFolder(part) === null || labelled.has(`${above}${part}/`)) continue;
      throw new UsageError(`There are images in ${above}${part} of ${location}, but no ${above}${part}/labels.csv.`);
    }
  }
}

/** The images of one table. Throws UsageError for an image without a row, and for a row without an image. */
async function readPart(
  tableFile: ImageFile,
  folder: string,
  split: SplitName,
  files: readonly ImageFile[],
  given: Parameters,
): Promise<LabelledImage[]> {
  const tableName = `${tableFile.name} in ${given.location}`;
  const table = parseCsv(await tableFile.read(), given.separator, tableName);
  const nameColumn = table.column(given.image_column);
  const rowName = rowNames(tableName);
  const read = sampleRowReader(table.columns, table.column, given, [given.image_column], rowName);
  const members = new Map(
    files
      .filter(({ name }) => name.startsWith(folder) && imageFileName.test(name) && !isShadow(name))
      .map((file) => [file.name.slice(folder.length), file]),
  );
  const rows = new Map<string, number>();
  const images = table.rows.map((cells, place): LabelledImage => {
    const name = (cells[nameColumn] as string).trim();
    const file = members.get(name);
    const row = rowName(place);
    if (name === '') throw notFound(name, row, folder);
    if (file === undefined) {
      throw new UsageError(`The image ${shown(name)} of ${row} is not there: there is no ${shown(folder + name)}.`);
    }
    const before = rows.get(name);
    if (before !== undefined) {
      throw new UsageError(`The image ${shown(name)} of ${row} is in row ${rowNumber(before)} too.`);
    }
    rows.set(name, place);
    return { file, id: `${split}/${name}`, row, split, sample: read(cells, place) };
  });
  const unlabelled = [...members].find(([name]) => !rows.has(name));
  if (unlabelled !== undefined) {
    throw new UsageError(`The image ${unlabelled[1].name} in ${given.location} has no row in ${tableFile.name}.`);
  }
  return images;
}
