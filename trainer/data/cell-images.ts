import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { errorMessage, UsageError } from '../../src/errors.ts';
import { randomSource } from '../random.ts';
import { type Dataset, datasetDigest, type ProgressSink, type Split, type SplitName, splitNames } from './dataset.ts';
import { type ImageFile, openImageArchive } from './image-files.ts';
import { limitSamples } from './limit.ts';
import { patientOf, splitByPatient } from './patient-split.ts';
import { decodePng, toColor } from './png.ts';
import { resizeImage } from './resize.ts';
import type { Sample } from './sample.ts';

const classNames = ['Uninfected', 'Parasitized'] as const;
const layout = 'cell_images/{Parasitized,Uninfected}/*.png';

/** What to load of the cell images, and how. */
export interface CellImagesOptions {
  /** A zip file or a folder. */
  readonly location: string;
  readonly imageSize: number;
  readonly seed: number;
  /** 0 means all. */
  readonly trainingSamples: number;
  /** 0 means all. */
  readonly validationSamples: number;
  readonly onProgress?: ProgressSink;
  readonly signal?: AbortSignal;
}

interface Cell {
  readonly file: ImageFile;
  readonly id: string;
  readonly patient: string;
  readonly label: number;
}

/** The cells of an archive in the order of their names; everything outside the two class folders is passed over. */
function listCells(files: readonly ImageFile[], location: string): Cell[] {
  const cells: Cell[] = [];
  for (const file of files) {
    const match = /(?:^|\/)(Parasitized|Uninfected)\/([^/]+\.png)$/i.exec(file.name);
    const [, className, fileName] = match ?? [];
    // macOS puts a shadow `._name` of each file into its zips.
    if (className === undefined || fileName === undefined || fileName.startsWith('._')) continue;
    const label = classNames.findIndex((name) => name.toLowerCase() === className.toLowerCase());
    const patient = patientOf(fileName);
    if (patient === null) {
      throw new UsageError(`The name of ${file.name} in ${location} does not begin with its patient (C and digits).`);
    }
    cells.push({ file, id: `${classNames[label]}/${fileName}`, patient, label });
  }
  if (cells.length === 0) throw new UsageError(`The data ${location} holds no cell images; expected ${layout}.`);
  for (const [label, name] of classNames.entries()) {
    if (!cells.some((cell) => cell.label === label)) {
      throw new UsageError(
        `The data ${location} holds only one class: there is no image in ${name}; expected ${layout}.`,
      );
    }
  }
  return cells.sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function loadCell(cell: Cell, options: CellImagesOptions): Promise<{ sample: Sample; fingerprint: number }> {
  try {
    const bytes = await cell.file.read();
    const image = resizeImage(decodePng(bytes), options.imageSize, options.imageSize);
    return { sample: { ...image, id: cell.id, label: cell.label, weight: 1 }, fingerprint: crc32(bytes) };
  } catch (error) {
    throw new UsageError(`The image ${cell.file.name} in ${options.location} ${errorMessage(error)}.`, {
      cause: error,
    });
  }
}

/** Loads the cells of one part; only those that will be used are read. */
async function loadSplit(
  cells: readonly Cell[],
  report: (loaded: number) => void,
  options: CellImagesOptions,
): Promise<Split> {
  const samples: Sample[] = [];
  const entries: { id: string; fingerprint: number }[] = [];
  for (const cell of cells) {
    const { sample, fingerprint } = await loadCell(cell, options);
    samples.push(sample);
    entries.push({ id: cell.id, fingerprint });
    if (samples.length % 256 === 0) {
      report(256);
      await nextTurn();
      options.signal?.throwIfAborted();
    }
  }
  report(samples.length % 256);
  return { samples, digest: datasetDigest(entries) };
}

/**
 * Loads the NIH malaria set or one of its form: `cell_images/{Parasitized,Uninfected}/*.png`, split 70/15/15 by patient.
 * Images are brought to `imageSize` squared; they stay grey where all of them are grey.
 * Throws UsageError for data that is missing, of another form, broken (naming the image), or of one class only.
 */
export async function loadCellImages(options: CellImagesOptions): Promise<Dataset> {
  const archive = await openImageArchive(options.location);
  try {
    return await loadCells(listCells(archive.files, options.location), options);
  } finally {
    await archive.close();
  }
}

async function loadCells(cells: readonly Cell[], options: CellImagesOptions): Promise<Dataset> {
  const { location, seed, imageSize } = options;
  const parts = splitByPatient(cells, seed);
  const limits: Record<SplitName, number> = {
    training: options.trainingSamples,
    validation: options.validationSamples,
    test: 0,
  };
  const chosen = splitNames.map((name) => {
    const members = cells.filter((cell) => parts.get(cell.patient) === name);
    if (new Set(members.map((cell) => cell.label)).size < 2) {
      throw new UsageError(
        `The data ${location} is too small: its ${name} part, split by patient, has only one class.`,
      );
    }
    return limitSamples(members, limits[name], randomSource(seed, 'limit', name));
  });
  const total = chosen.reduce((sum, members) => sum + members.length, 0);
  let done = 0;
  const report = (loaded: number): void => {
    done += loaded;
    options.onProgress?.('loading images', done, total, 'images');
  };
  const splits = {} as Record<SplitName, Split>;
  for (const [index, name] of splitNames.entries())
    splits[name] = await loadSplit(chosen[index] ?? [], report, options);
  const grey = splitNames.every((name) => splits[name].samples.every((sample) => sample.channels === 1));
  if (!grey) {
    for (const name of splitNames) {
      const samples = splits[name].samples.map((sample) => ({ ...sample, ...toColor(sample) }));
      splits[name] = { ...splits[name], samples };
    }
  }
  return {
    name: 'malaria-cells',
    synthetic: false,
    description: `${total} cell images of ${parts.size} patients from ${location}, split by patient`,
    classNames,
    imageShape: [imageSize, imageSize, grey ? 1 : 3],
    sourceType: 'local',
    source: JSON.stringify({ uri: path.resolve(location) }),
    splits,
  };
}
