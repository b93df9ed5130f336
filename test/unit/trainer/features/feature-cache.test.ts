import { readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CachedFeatures, cachedFeatures, type WriteFeatures } from '../../../../trainer/features/feature-cache.ts';
import { randomSource, shuffled } from '../../../../trainer/random.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../support/index.ts';

const ids = Array.from({ length: 50 }, (_, index) => `image ${index}`);
const set = { ids, shape: [1, 2, 3] };
const digest = 'a'.repeat(32);

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory();
});
afterEach(() => folder.remove());

/** Numbers of a sample's own. */
const valuesOf = (id: string) => Array.from({ length: 6 }, (_, place) => ids.indexOf(id) + place / 8);

/** Writes them seven at a time, in an order that is not theirs. */
async function makeAll(write: WriteFeatures): Promise<void> {
  const mixed = shuffled(ids, randomSource('order'));
  for (let start = 0; start < mixed.length; start += 7) {
    const some = mixed.slice(start, start + 7);
    await write(some, Float32Array.from(some.flatMap(valuesOf)));
  }
}

interface Outcome extends CachedFeatures {
  readonly made: number;
  readonly damages: readonly string[];
}

async function ask(options: Partial<Parameters<typeof cachedFeatures>[0]> = {}): Promise<Outcome> {
  let made = 0;
  const damages: string[] = [];
  const cached = await cachedFeatures({
    directory: folder.join('cache/features'),
    digest,
    set,
    make: async (write) => {
      made += 1;
      await makeAll(write);
    },
    onDamage: (damage) => damages.push(damage),
    ...options,
  });
  return { ...cached, made, damages };
}

async function expectAll({ file }: CachedFeatures): Promise<void> {
  const reader = await file.open();
  try {
    const wanted = [...ids].reverse();
    const rows = await reader.rows(wanted);
    expect(rows.map((row) => [...row])).toEqual(wanted.map(valuesOf));
    await expect(reader.rows(['image 99'])).rejects.toThrow('There are no features of the sample image 99.');
  } finally {
    await reader.close();
  }
}

const names = () => readdirSync(folder.join('cache/features'));

describe('features', () => {
  it('are made once and read again, whatever their order was', async () => {
    const first = await ask();
    expect(first).toMatchObject({ isReused: false, made: 1, damages: [] });
    await expectAll(first);
    const second = await ask({ set: { ...set, ids: shuffled(ids, randomSource('another order')) } });
    expect(second).toMatchObject({ isReused: true, made: 0, damages: [] });
    await expectAll(second);
    expect(names()).toEqual([digest]);
  });

  it('are of a digest', async () => {
    await ask();
    expect(await ask({ digest: 'b'.repeat(32) })).toMatchObject({ isReused: false, made: 1 });
    expect(names()).toEqual([digest, 'b'.repeat(32)]);
  });

  const files = { values: 'features.bin', index: 'index.json' };
  const damages: Readonly<Record<string, readonly [(file: (name: string) => string) => void, string]>> = {
    'a changed byte': [
      (file) => {
        const bytes = readFileSync(file(files.values));
        bytes[100] = (bytes[100] as number) ^ 1;
        writeFileSync(file(files.values), bytes);
      },
      'their checksum is another one',
    ],
    'a cut off file': [(file) => truncateSync(file(files.values), 1000), 'there are 1000 bytes, and not 1200'],
    'missing values': [(file) => rmSync(file(files.values)), 'a file is missing'],
    'a missing index': [(file) => rmSync(file(files.index)), 'a file is missing'],
    'a broken index': [(file) => writeFileSync(file(files.index), '{"samples": 50,'), 'their index cannot be read'],
    'an index of another form': [(file) => writeFileSync(file(files.index), '{}'), 'their index cannot be read'],
    'an index of other samples': [
      (file) => writeFileSync(file(files.index), '{"samples": 49, "shape": [1, 2, 3], "crc32": 1}'),
      'they are of other samples',
    ],
  };

  it.each(Object.entries(damages))('that are damaged are made again, and it is said: %s', async (_, [damage, said]) => {
    await ask();
    damage((name) => folder.join('cache/features', digest, name));
    const again = await ask();
    expect(again).toMatchObject({ isReused: false, made: 1, damages: [said] });
    await expectAll(again);
    expect(await ask()).toMatchObject({ isReused: true, damages: [] });
  });

  it('of which only a part was made are not kept, and leave nothing', async () => {
    const stopped = ask({
      make: async (write) => {
        await write(ids.slice(0, 2), new Float32Array(12));
        throw new Error('stopped');
      },
    });
    await expect(stopped).rejects.toThrow('stopped');
    const unfinished = ask({ make: (write) => write(ids.slice(0, 2), new Float32Array(12)) });
    await expect(unfinished).rejects.toThrow('2 rows of features were written, and 50 expected.');
    expect(names()).toEqual([]);
    expect(await ask()).toMatchObject({ isReused: false });
  });

  it('may be made by two at the same time', async () => {
    const both = await Promise.all([ask(), ask()]);
    for (const one of both) await expectAll(one);
    expect(names()).toEqual([digest]);
    expect(await ask()).toMatchObject({ isReused: true });
  });

  it('that a killed process left unfinished are removed after a day, others not', async () => {
    const left = (name: string) => folder.join('cache/features', `${digest}.${name}.tmp`);
    for (const name of ['old', 'new']) {
      await mkdir(left(name), { recursive: true });
      writeFileSync(join(left(name), 'features.bin'), 'part');
    }
    const before = new Date(Date.now() - 25 * 60 * 60 * 1000);
    for (const file of [join(left('old'), 'features.bin'), left('old')]) utimesSync(file, before, before);
    await ask();
    expect(names()).toEqual([digest, `${digest}.new.tmp`]);
  });

  it('say where they cannot be kept', async () => {
    writeFileSync(folder.join('cache'), 'a file');
    await expect(ask()).rejects.toMatchObject({
      message: expect.stringMatching(/^The features of the frozen base cannot be kept in \S+: ENOTDIR/),
      exitCode: 73,
    });
  });

  it('say where they went while they were needed', async () => {
    const { file } = await ask();
    rmSync(folder.join('cache'), { recursive: true });
    await expect(file.open()).rejects.toMatchObject({ hint: expect.stringContaining('Start it again') });
  });
});
