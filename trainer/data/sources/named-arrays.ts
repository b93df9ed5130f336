import type { z } from 'zod';
import { UsageError } from '../../../src/errors.ts';
import type { Pixels } from '../../components/sample.ts';
import type { SplitName } from '../dataset.ts';
import type { ImageArray } from './array-source.ts';
import { listed } from './class-labels.ts';
import type { arrayNames } from './common-parameters.ts';

/** Values as files of arrays hold them. */
export type Values = ArrayLike<number> | ArrayLike<bigint> | ArrayLike<string>;

/** An array in a file, of which any rows can be read. */
export interface NamedArray {
  readonly shape: readonly number[];
  /** The values of rows from `start` up to but not including `end`, one after another. */
  rows(start: number, end: number): Promise<Values>;
}

/** A file of arrays. */
export interface ArrayFile {
  readonly path: string;
  readonly names: readonly string[];
  /** An array that is there. Throws UsageError where it cannot be used. */
  open(name: string): Promise<NamedArray>;
}

type Names = z.output<z.ZodObject<typeof arrayNames>>;

/**
 * The images and labels of a file, by the names of their arrays, and the names of the classes where the labels have a
 * column a class. Throws UsageError for a name that is not there and for arrays of the wrong shape.
 */
export async function openNamedArrays(
  file: ArrayFile,
  names: Names,
): Promise<{ readonly arrays: readonly ImageArray[]; readonly classCount: number | null }> {
  const pairs: readonly (readonly [SplitName, string, string])[] = [
    ['training', names.images, names.labels],
    ['validation', names.validation_images, names.validation_labels],
    ['test', names.test_images, names.test_labels],
  ];
  const present = pairs.filter(([, images, labels]) => images !== '' || labels !== '');
  const arrays: ImageArray[] = [];
  const isLabelled = names.labels !== '';
  let classCount: number | null = null;
  for (const [split, imagesName, labelsName] of present) {
    if (imagesName === '' || (labelsName === '') === isLabelled) {
      const part = split === 'training' ? '' : `${split}_`;
      if (imagesName !== '' && !isLabelled) {
        throw new UsageError(`Setting data_loader.${part}labels is '${labelsName}', but data_loader.labels is empty.`, {
          hint: 'Either all parts have labels, or none has.',
        });
      }
      const missing = imagesName === '' ? 'images' : 'labels';
      throw new UsageError(`Setting data_loader.${part}${missing} is missing: images and labels need a name each.`);
    }
    const images = await openArray(file, imagesName);
    const labels = isLabelled ? await openArray(file, labelsName) : null;
    const of = (name: string) => `${name} of ${file.path}`;
    const image = imageShape(images.shape, of(imagesName));
    const count = images.shape[0] as number;
    const texts =
      labels === null ? Array<null>(count).fill(null) : await labelTexts(labels, count, of(labelsName), of(imagesName));
    if (labels !== null && isOneHot(labels.shape)) classCount = Math.max(classCount ?? 0, labels.shape[1] as number);
    arrays.push({
      prefix: present.length === 1 ? '' : `${split}/`,
      split: present.length === 1 ? null : split,
      labels: texts,
      imagesName: of(imagesName),
      labelsName: of(labelsName),
      read: async (place) => ({ ...image, pixels: pixelsOf(await images.rows(place, place + 1), images.shape) }),
    });
  }
  return { arrays, classCount };
}

function openArray(file: ArrayFile, name: string): Promise<NamedArray> {
  if (file.names.includes(name)) return file.open(name);
  throw new UsageError(
    `There is no array ${name} in ${file.path}; ${file.names.length === 0 ? 'it holds none' : `it holds ${listed(file.names)}`}.`,
  );
}

/** A row of numbers counts as an image of one line. */
function imageShape(shape: readonly number[], name: string): { height: number; width: number; channels: number } {
  const [, first = 0, second = 1, third = 1] = shape;
  if (shape.length < 2 || shape.length > 4 || shape.slice(1).includes(0)) {
    throw new UsageError(
      `The images ${name} have the shape (${shape.join(', ')}); expected (number, height, width), (number, height, width, channels) or (number, columns).`,
    );
  }
  if (shape.length === 4 && third > 4 && [1, 3, 4].includes(first)) {
    throw new UsageError(
      `The images ${name} have the shape (${shape.join(', ')}); channels must be the last of these.`,
    );
  }
  return shape.length === 2
    ? { height: 1, width: first, channels: 1 }
    : { height: first, width: second, channels: third };
}

/** Values as pixels: those of 8 and 16 bits as they are, all others, and those of tables, as floats. */
export function pixelsOf(values: Values, shape: readonly number[]): Pixels {
  if (shape.length > 2 && (values instanceof Uint8Array || values instanceof Uint16Array)) return values;
  const pixels = new Float32Array(values.length);
  for (let place = 0; place < pixels.length; place += 1) {
    const value = Number(values[place]);
    if (!Number.isFinite(value)) throw new Error(`holds a value that is no number: ${String(values[place])}`);
    pixels[place] = value;
  }
  return pixels;
}

function isOneHot(shape: readonly number[]): boolean {
  return shape.length === 2 && (shape[1] as number) > 1;
}

async function labelTexts(labels: NamedArray, count: number, name: string, imagesName: string): Promise<string[]> {
  const { shape } = labels;
  const isColumn = shape.length === 2 && shape[1] === 1;
  if (shape.length !== 1 && !isColumn && !isOneHot(shape)) {
    throw new UsageError(
      `The labels ${name} have the shape (${shape.join(', ')}); expected (number) or, with one of them 1, (number, classes).`,
    );
  }
  if (shape[0] !== count) {
    throw new UsageError(`There are ${count} images in ${imagesName}, but ${shape[0]} labels in ${name}.`);
  }
  const values = count === 0 ? [] : await labels.rows(0, count);
  return isOneHot(shape) ? oneHotTexts(values, shape[1] as number, name) : plainTexts(values, name);
}

function plainTexts(values: Values, name: string): string[] {
  return Array.from(values as ArrayLike<number | bigint | string>, (value, row) => {
    if (typeof value === 'number' && !Number.isInteger(value)) {
      throw new UsageError(`Label ${row} of ${name} is ${value}; expected a whole number or a name.`);
    }
    return String(value).trim();
  });
}

function oneHotTexts(values: Values, classes: number, name: string): string[] {
  return Array.from({ length: values.length / classes }, (_, row) => {
    let found = -1;
    let sum = 0;
    for (let column = 0; column < classes; column += 1) {
      const value = Number(values[row * classes + column]);
      if (value === 1) found = column;
      sum += Math.abs(value);
    }
    if (found === -1 || sum !== 1) {
      throw new UsageError(`Label ${row} of ${name} is of no class or of several; expected one 1 and zeros beside it.`);
    }
    return String(found);
  });
}

/** The names of as many classes as there are columns, where no others are given. */
export function namesOrNumbers(given: readonly string[], classCount: number | null): readonly string[] {
  return given.length > 0 || classCount === null ? given : Array.from({ length: classCount }, (_, place) => `${place}`);
}
