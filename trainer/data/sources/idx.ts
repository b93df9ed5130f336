import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import { errorMessage, SlipwayError, UsageError } from '../../../src/errors.ts';
import type { SplitName } from '../dataset.ts';
import { checkFolder } from '../location.ts';
import { arraySource, type ImageArray } from './array-source.ts';
import { classNames, location } from './common-parameters.ts';
import type { SourceContext, SourceDefinition } from './source.ts';
import { appendAll, createSpool, openRandomAccess, type RandomAccess } from './spool.ts';

const parameters = z.strictObject({
  location: location('the folder of *-images-idx3-ubyte and *-labels-idx1-ubyte files, packed by gzip or not'),
  class_names: classNames,
});

const imagesFile = /^(.*)[-.]images[-.]idx([34])-ubyte(\.gz)?$/;
const labelsFile = /^(.*)[-.]labels[-.]idx1-ubyte(\.gz)?$/;

function areOfOnePart(images: string, labels: string): boolean {
  const [, part] = imagesFile.exec(images) ?? [];
  return part !== undefined && part === labelsFile.exec(labels)?.[1];
}

/** Of MNIST and the sets in its form: `t10k` is the test part. */
const partOf: Readonly<Record<string, SplitName>> = {
  train: 'training',
  validation: 'validation',
  test: 'test',
  t10k: 'test',
};

/** Images and labels in the IDX format of MNIST, of one byte a value (yann.lecun.com/exdb/mnist, "The IDX file format"). */
export const idx: SourceDefinition<typeof parameters> = {
  name: 'idx',
  parameters,
  async open({ location, class_names }, context) {
    const opened: RandomAccess[] = [];
    const close = async () => {
      for (const file of opened) await file.close();
    };
    try {
      const arrays: ImageArray[] = [];
      for (const [images, match] of await listImages(location)) {
        arrays.push(await openPair(path.join(location, images), match, context, opened));
      }
      if (arrays.length === 0) {
        throw new UsageError(`The data ${location} holds no IDX files; expected *-images-idx3-ubyte.gz and labels.`);
      }
      return arraySource(arrays, class_names, location, close);
    } catch (error) {
      await close();
      throw error;
    }
  },
};

async function listImages(location: string): Promise<(readonly [string, RegExpExecArray])[]> {
  await checkFolder(location, 'the folder of *-images-idx3-ubyte and *-labels-idx1-ubyte files');
  const names = await readdir(location);
  const alone = names.find((name) => labelsFile.test(name) && !names.some((other) => areOfOnePart(other, name)));
  if (alone !== undefined) {
    throw new UsageError(`There are labels in ${path.join(location, alone)}, but no images beside them.`);
  }
  const matches = names.sort().map((name) => [name, imagesFile.exec(name)] as const);
  const found = matches.filter((entry): entry is readonly [string, RegExpExecArray] => entry[1] !== null);
  // Both the packed and the unpacked file may lie there; one is enough.
  return found.filter(([name, match]) => match[3] === undefined || !names.includes(name.slice(0, -3)));
}

async function openPair(
  imagesPath: string,
  [, part = '']: RegExpExecArray,
  context: SourceContext,
  opened: RandomAccess[],
): Promise<ImageArray> {
  const labelsPath = await labelsFor(imagesPath);
  const labelBytes = await openIdx(labelsPath, context, opened);
  const [labelCount = 0, ...labelRest] = await shapeOf(labelBytes, labelsPath);
  if (labelRest.length > 0) throw new UsageError(`The labels ${labelsPath} have more than one dimension.`);
  const images = await openIdx(imagesPath, context, opened);
  const [count = 0, height = 0, width = 0, channels = 1, ...rest] = await shapeOf(images, imagesPath);
  if (height === 0 || width === 0 || rest.length > 0) {
    throw new UsageError(
      `The images ${imagesPath} have not the three or four dimensions number, height, width, channels.`,
    );
  }
  if (count !== labelCount) {
    throw new UsageError(`There are ${count} images in ${imagesPath}, but ${labelCount} labels in ${labelsPath}.`);
  }
  const labels = Array.from(await labelBytes.read(labelBytes.size - labelCount, labelCount), String);
  const length = height * width * channels;
  const start = images.size - count * length;
  return {
    prefix: `${part}/`,
    split: partOf[part] ?? null,
    labels,
    imagesName: imagesPath,
    labelsName: labelsPath,
    read: async (place) => ({
      pixels: new Uint8Array(await images.read(start + place * length, length)),
      height,
      width,
      channels,
    }),
  };
}

async function labelsFor(imagesPath: string): Promise<string> {
  const plain = imagesPath.replace(/images([-.])idx[34]-ubyte(\.gz)?$/, 'labels$1idx1-ubyte');
  for (const candidate of [plain, `${plain}.gz`]) {
    if (await stat(candidate).catch(() => null)) return candidate;
  }
  throw new UsageError(
    `There are images in ${imagesPath}, but no labels: neither ${plain} nor ${path.basename(plain)}.gz.`,
  );
}

/** The file as it lies, or unpacked. */
async function openIdx(file: string, context: SourceContext, opened: RandomAccess[]): Promise<RandomAccess> {
  if (!file.endsWith('.gz')) {
    const access = await openRandomAccess(file);
    opened.push(access);
    return access;
  }
  const spool = await createSpool(context.cacheDirectory);
  opened.push(spool);
  const { signal } = context;
  try {
    await pipeline(createReadStream(file), createGunzip(), (chunks) => appendAll(spool, chunks), { signal });
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof SlipwayError) throw error;
    throw new UsageError(`The file ${file} cannot be unpacked: ${errorMessage(error)}.`, { cause: error });
  }
  return spool;
}

/** The dimensions in the header, which must fit the file. */
async function shapeOf(access: RandomAccess, file: string): Promise<number[]> {
  const magic = access.size < 4 ? Buffer.alloc(4) : await access.read(0, 4);
  if (magic.readUInt16BE(0) !== 0 || magic[2] !== 8) {
    throw new UsageError(`The file ${file} is no IDX file of unsigned bytes.`);
  }
  const dimensions = magic[3] as number;
  const headerBytes = 4 + 4 * dimensions;
  const header = access.size < headerBytes ? null : await access.read(4, 4 * dimensions);
  const shape = header === null ? [] : Array.from({ length: dimensions }, (_, at) => header.readUInt32BE(4 * at));
  const expected = headerBytes + shape.reduce((product, size) => product * size, 1);
  if (header === null || access.size !== expected) {
    const what = header === null || access.size < expected ? 'is cut off' : 'is longer than its header says';
    throw new UsageError(`The file ${file} ${what}: it holds ${access.size} of ${expected} bytes.`);
  }
  return shape;
}
