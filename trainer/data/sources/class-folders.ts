import { z } from 'zod';
import { UsageError } from '../../../src/errors.ts';
import type { SplitName } from '../dataset.ts';
import { imageFileName } from '../image-decoder.ts';
import { type ImageArchive, type ImageFile, openImageArchive } from '../image-files.ts';
import { classLabels } from './class-labels.ts';
import { classNames, location } from './common-parameters.ts';
import { type FileRecord, fileSource, noColumns } from './file-source.ts';
import { isShadow, splitOfFolder } from './folder-names.ts';
import type { SourceDefinition } from './source.ts';

const layout = '<class>/*.png or *.jpg, with or without train/, validation/ and test/ above the classes';

const parameters = z.strictObject({
  location: location('a folder or zip of one folder a class'),
  class_names: classNames,
});

/** Images in one folder a class; the folders may lie in train/, validation/ and test/. */
export const classFolders: SourceDefinition<typeof parameters> = {
  name: 'class_folders',
  parameters,
  async open({ location, class_names }) {
    const archive = await openImageArchive(location);
    try {
      const images = listImages(archive, location, class_names);
      const classes = classLabels(
        images.map(({ className }) => className),
        class_names,
        (place) => `of ${images[place]?.file.name} in ${location}, its folder,`,
      );
      if (new Set(classes.labels).size < 2) {
        const only = classes.classNames[classes.labels[0] as number];
        throw new UsageError(`The data ${location} holds only one class, ${only}; expected ${layout}.`);
      }
      const records = images.map(({ file, id, split }, place): FileRecord => {
        const label = classes.labels[place] as number;
        return { file, entry: { id, label, split, group: null, weight: 1, columns: noColumns } };
      });
      const description = `${records.length} images of ${classes.classNames.length} classes from ${location}`;
      return fileSource({ description, classNames: classes.classNames }, records, location, () => archive.close());
    } catch (error) {
      await archive.close();
      throw error;
    }
  },
};

interface ClassImage {
  readonly file: ImageFile;
  readonly id: string;
  readonly className: string;
  readonly split: SplitName | null;
}

/** The images in the order of their names. What lies above all of them, as the folder that a zip was made of, is no part of these. */
function listImages(archive: ImageArchive, location: string, given: readonly string[]): ClassImage[] {
  const paths = archive.files
    .filter(({ name }) => imageFileName.test(name) && !isShadow(name))
    .map((file) => ({ file, parts: file.name.split('/') }));
  if (paths.length === 0) throw new UsageError(`The data ${location} holds no images; expected ${layout}.`);
  const shared = sharedFolders(paths.map(({ parts }) => parts));
  const tops = paths.map(({ parts }) => (parts.length > shared + 1 ? splitOfFolder(parts[shared] as string) : null));
  const isSplit = tops.every((split) => split !== null);
  const images = paths.map(({ file, parts }, place): ClassImage => {
    const below = parts.slice(shared + (isSplit ? 1 : 0));
    const split = tops[place] ?? null;
    if (below.length < 2) {
      const alone = shared > 0 && paths.every(({ parts }) => parts.length === shared + 1);
      if (alone) throw new UsageError(`The data ${location} is a single folder of images; expected ${layout}.`);
      throw new UsageError(`The image ${file.name} in ${location} lies in no class folder; expected ${layout}.`);
    }
    if (split !== null && !isSplit) {
      const other = paths[tops.indexOf(null)] as (typeof paths)[number];
      throw new UsageError(
        `The data ${location} holds ${other.file.name} beside the folder ${parts[shared]}; expected ${layout}.`,
      );
    }
    const id = isSplit ? `${split}/${below.join('/')}` : below.join('/');
    return { file, id, className: below[0] as string, split };
  });
  const root = (paths[0] as (typeof paths)[number]).parts.slice(0, shared);
  checkFolders(archive, location, { root, isSplit, given });
  return images.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Throws UsageError for a part, and for a class, whose folder holds no images; names that are given leave out others. */
function checkFolders(
  { files, folders }: ImageArchive,
  location: string,
  about: { readonly root: readonly string[]; readonly isSplit: boolean; readonly given: readonly string[] },
): void {
  const { root, isSplit, given } = about;
  const filled = new Set(files.filter(({ name }) => imageFileName.test(name)).flatMap(({ name }) => above(name)));
  const all = new Set([...folders, ...files.flatMap(({ name }) => above(name))]);
  for (const folder of [...all].sort()) {
    const [part = '', ...rest] = folder.split('/').slice(root.length);
    if (filled.has(folder) || isShadow(folder) || !folder.startsWith([...root, ''].join('/'))) continue;
    const isPart = isSplit && rest.length === 0 && splitOfFolder(part) !== null;
    const isClass = isSplit ? rest.length === 1 && splitOfFolder(part) !== null : rest.length === 0;
    const isWanted = given.length === 0 || given.includes(folder.split('/').at(-1) as string);
    if (!isPart && !(isClass && isWanted)) continue;
    throw new UsageError(`The folder ${folder} in ${location} holds no PNG or JPEG; expected ${layout}.`, {
      hint: isPart ? 'Remove it.' : 'Remove it, or name the classes by data_loader.class_names.',
    });
  }
}

/** The folders that a file lies in, from the outermost on. */
function above(name: string): string[] {
  const parts = name.split('/').slice(0, -1);
  return parts.map((_, place) => parts.slice(0, place + 1).join('/'));
}

/** How many folders all paths begin with; one of train, validation and test is none of them. */
function sharedFolders(paths: readonly (readonly string[])[]): number {
  const [first = []] = paths;
  let shared = 0;
  while (
    shared < first.length - 1 &&
    splitOfFolder(first[shared] as string) === null &&
    paths.every((parts) => shared < parts.length - 1 && parts[shared] === first[shared])
  ) {
    shared += 1;
  }
  return shared;
}
