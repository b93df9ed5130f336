import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { zipSync } from 'fflate';
import { PNG } from 'pngjs';
import { randomSource } from '../../trainer/random.ts';

/** A PNG of one colour with noise; grey where `channels` is 1. */
export function noisyPng(size: number, channels: 1 | 3, brightness: number, ...key: (number | string)[]): Buffer {
  const random = randomSource(...key);
  const png = new PNG({ width: size, height: size });
  for (let index = 0; index < png.data.length; index += 4) {
    const value = brightness + random.integer(40);
    png.data.set([value, channels === 1 ? value : 255 - value, value, 255], index);
  }
  return PNG.sync.write(png, { colorType: channels === 1 ? 0 : 2 });
}

/** Files of a small data set in the NIH layout: every patient has cells of both classes, parasitized ones are darker. */
export function cellImageFiles(
  options: {
    readonly patients?: number;
    readonly cells?: number;
    readonly channels?: 1 | 3;
    readonly size?: number;
  } = {},
): Record<string, Buffer> {
  const { patients = 6, cells = 4, channels = 1, size = 12 } = options;
  const files: Record<string, Buffer> = {};
  for (let patient = 1; patient <= patients; patient += 1) {
    for (let cell = 0; cell < cells; cell += 1) {
      const name = `C${patient}P${patient}ThinF_IMG_20150918_144104_cell_${cell}.png`;
      files[`cell_images/Parasitized/${name}`] = noisyPng(size, channels, 60, 'dark', patient, cell);
      files[`cell_images/Uninfected/${name}`] = noisyPng(size, channels, 180, 'light', patient, cell);
    }
  }
  return files;
}

/** Packs files into a zip. */
export async function writeZip(path: string, files: Readonly<Record<string, Buffer>>, level: 0 | 6 = 6): Promise<void> {
  await writeFile(path, zipSync(files, { level }));
}

/** Writes files below a folder. */
export async function writeFiles(folder: string, files: Readonly<Record<string, Buffer>>): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
}
