import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { strToU8, Zip, ZipPassThrough } from 'fflate';
import type { KerasObject } from './keras-config.ts';
import { pythonVersions } from './versions.ts';

/** The first moment a ZIP can tell: equal models are equal files. */
const zipTime = new Date(1980, 0, 1);

/**
 * Writes a `.keras` archive (Keras 3): `metadata.json`, `config.json` and the HDF5 file at `weightsFile`, stored
 * without compression, streamed. Keras's own `date_saved` is left out so that equal models are equal files.
 */
export async function writeKerasArchive(file: string, config: KerasObject, weightsFile: string): Promise<void> {
  const output = createWriteStream(file, { flags: 'wx' });
  const ended = finished(output);
  // Awaited at the end; without a handler an early error would be an unhandled rejection.
  ended.catch(() => {});
  let failure: Error | null = null;
  let isFull = false;
  const zip = new Zip((error, chunk, isLast) => {
    if (error) failure = error;
    else isFull = !output.write(chunk);
    if (isLast) output.end();
  });
  const addText = (name: string, text: string) => addEntry(zip, name).push(strToU8(text), true);
  addText('metadata.json', JSON.stringify({ keras_version: pythonVersions.keras }));
  addText('config.json', JSON.stringify(config));
  const weights = addEntry(zip, 'model.weights.h5');
  for await (const chunk of createReadStream(weightsFile, { highWaterMark: 1 << 20 })) {
    weights.push(chunk as Uint8Array);
    if (failure !== null) break;
    if (isFull && !output.destroyed) await Promise.race([once(output, 'drain'), ended]);
  }
  weights.push(new Uint8Array(0), true);
  zip.end();
  if (failure !== null) output.destroy(failure);
  await ended;
}

function addEntry(zip: Zip, name: string): ZipPassThrough {
  const entry = new ZipPassThrough(name);
  entry.mtime = zipTime;
  zip.add(entry);
  return entry;
}
