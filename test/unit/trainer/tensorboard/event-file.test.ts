import { readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { expect, it } from 'vitest';
import { EventFile, eventFiles } from '../../../../trainer/tensorboard/event-file.ts';
import { scalarSummary } from '../../../../trainer/tensorboard/summary.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

/** The records of a file without their frames, and without the time that each event begins with. */
async function events(file: string): Promise<string[]> {
  const bytes = await readFile(file);
  const found: string[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(offset));
    // `wall_time`, field 1 of 64 bits.
    expect(bytes[offset + 12]).toBe(0x09);
    expect(Math.abs(bytes.readDoubleLE(offset + 13) - Date.now() / 1000)).toBeLessThan(60);
    found.push(bytes.subarray(offset + 21, offset + 12 + length).toString('hex'));
    offset += length + 16;
  }
  return found;
}

/** `session_log` with the status START, at a step. */
const start = (step: number): string => `100${step}3a020801`;
const version = `10001a0d${Buffer.from('brain.Event:2').toString('hex')}`;

it('begins with the version, and has every step on the disk when it was written', async () => {
  await using folder = await temporaryDirectory();
  const file = await EventFile.create(folder.join('train'), 0);
  const value = scalarSummary('a', 1);
  await file.write(1, [value, value]);
  await file.write(2, []);
  const one = `0a1c${value.toBuffer().toString('hex')}`;
  expect(value.byteLength).toBe(0x1c);
  expect(await events(file.file)).toEqual([version, start(0), `10012a3c${one}${one}`]);
  await file.close();
  expect(await readdir(folder.join('train'))).toEqual([
    expect.stringMatching(new RegExp(`^events\\.out\\.tfevents\\.\\d{10}\\.${hostname()}\\.${process.pid}\\.v2$`)),
  ]);
});

it('comes behind the files that are there, whatever the clock says, and says from which step on it counts', async () => {
  await using folder = await temporaryDirectory();
  const later = Math.floor(Date.now() / 1000) + 1000;
  const before = `events.out.tfevents.${later}.elsewhere.1.v2`;
  await writeFile(folder.join(before), 'torn');
  await writeFile(folder.join('notes.txt'), '');
  const file = await EventFile.create(folder.path, 7);
  await file.close();
  const after = `events.out.tfevents.${later + 1}.${hostname()}.${process.pid}.v2`;
  expect(await eventFiles(folder.path)).toEqual([before, after]);
  expect(await events(file.file)).toEqual([version, start(7)]);
  expect(await readFile(folder.join(before), 'utf8')).toBe('torn');
});

it('finds no files where there is no folder', async () => {
  await using folder = await temporaryDirectory();
  expect(await eventFiles(folder.join('none'))).toEqual([]);
});
