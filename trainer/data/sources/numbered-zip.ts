import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { UsageError } from '../../../src/errors.ts';
import type { SplitName } from '../dataset.ts';
import { type ImageArchive, type ImageFile, openImageArchive } from '../image-files.ts';
import { checkFolder } from '../location.ts';
import { classNames, csvColumns, location } from './common-parameters.ts';
import { parseCsv, rowNames, rowNumber } from './csv.ts';
import { isShadow } from './folder-names.ts';
import { type LabelledImage, labelledImageSource } from './labelled-images.ts';
import { sampleRowReader } from './sample-table.ts';
import type { SourceDefinition } from './source.ts';

/** What the files of each part begin with. */
const prefixes: readonly (readonly [prefix: string, split: SplitName])[] = [
  ['training', 'training'],
  ['validation', 'validation'],
  ['testing', 'test'],
];

/** Data sets whose class names are well known. */
const presets = {
  none: [],
  fashion_mnist: [
    ...['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
  ],
} as const;

const parameters = z.strictObject({
  location: location(
    'the folder of training_images.zip, training_labels.csv, testing_images.zip and testing_labels.csv',
  ),
  preset: z
    .enum(['none', 'fashion_mnist'])
    .default('none')
    .describe('A known data set, which gives the names of the classes.'),
  class_names: classNames,
  ...csvColumns,
});

type Parameters = z.output<typeof parameters>;

/** Images named by their number in one zip (or folder) a part, with a CSV whose rows are in that order. */
export const numberedZip: SourceDefinition<typeof parameters> = {
  name: 'numbered_zip',
  parameters,
  async open(given) {
    await checkFolder(given.location, 'the folder of training_images.zip and training_labels.csv');
    const archives: ImageArchive[] = [];
    const close = async () => {
      for (const archive of archives) await archive.close();
    };
    try {
      const images: LabelledImage[] = [];
      for (const [prefix, split] of prefixes) images.push(...(await openPart(prefix, split, given, archives)));
      return sourceOf(images, given, close);
    } catch (error) {
      await close();
      throw error;
    }
  },
};

function sourceOf(images: readonly LabelledImage[], given: Parameters, close: () => Promise<void>) {
  const { location, class_names, label_column, preset } = given;
  if (images.length === 0) {
    throw new UsageError(
      `The data ${location} holds no numbered images; expected training_images.zip with training_labels.csv.`,
    );
  }
  const classNames = class_names.length > 0 || label_column === '' ? class_names : presets[preset];
  const name = preset === 'none' ? undefined : preset.replace('_', '-');
  return labelledImageSource(images, { name, location, classNames }, close);
}

/** The images of a part in the order of their numbers; none where the part is not there. */
async function openPart(
  prefix: string,
  split: SplitName,
  given: Parameters,
  archives: ImageArchive[],
): Promise<LabelledImage[]> {
  const labelsFile = path.join(given.location, `${prefix}_labels.csv`);
  const zip = path.join(given.location, `${prefix}_images.zip`);
  const imagesPath = existsSync(zip) ? zip : path.join(given.location, `${prefix}_images`);
  if (!existsSync(labelsFile) && !existsSync(imagesPath)) return [];
  if (!existsSync(labelsFile))
    throw new UsageError(`There are images in ${imagesPath}, but no labels in ${labelsFile}.`);
  if (!existsSync(imagesPath)) throw new UsageError(`There are labels in ${labelsFile}, but no images in ${zip}.`);
  const table = parseCsv(await readFile(labelsFile), given.separator, labelsFile);
  const rowName = rowNames(labelsFile);
  const read = sampleRowReader(table.columns, table.column, given, [], rowName);
  const archive = await openImageArchive(imagesPath);
  archives.push(archive);
  const files = numbered(archive.files, imagesPath);
  const extra = [...files.keys()].find((number) => number >= table.rows.length);
  if (extra !== undefined) {
    const { name } = files.get(extra) as ImageFile;
    throw new UsageError(
      `The image ${name} in ${imagesPath} has no label: ${labelsFile} has ${table.rows.length} rows below its header.`,
    );
  }
  return table.rows.map((cells, place) => {
    const file = files.get(place);
    if (file === undefined) {
      throw new UsageError(
        `Row ${rowNumber(place)} of ${labelsFile} has no image: there is no ${place}.png in ${imagesPath}.`,
      );
    }
    const row = rowName(place);
    return { file, id: `${prefix}/${place}`, row, split, sample: read(cells, place) };
  });
}

function numbered(files: readonly ImageFile[], imagesPath: string): Map<number, ImageFile> {
  const found = new Map<number, ImageFile>();
  for (const file of files) {
    const [, digits] = /(?:^|\/)0*(\d+)\.(?:png|jpe?g)$/i.exec(file.name) ?? [];
    if (digits === undefined || isShadow(file.name)) continue;
    if (found.has(Number(digits))) throw new UsageError(`The image ${file.name} is in ${imagesPath} twice.`);
    found.set(Number(digits), file);
  }
  return found;
}
