import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CannotWriteError } from '../../../src/errors.ts';
import type { InvalidEntry, LogEntry } from '../../../src/runlog/index.ts';
import { SyncStore } from '../../../src/stream/sync-store.ts';

let directory: string;
let warnings: string[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-sync-'));
  warnings = [];
});
afterEach(() => {
  chmodSync(directory, 0o755);
  rmSync(directory, { recursive: true, force: true });
});

const open = () => SyncStore.open(directory, (text) => warnings.push(text));
const entry: LogEntry = {
  writer: 'trainer',
  offset: 7,
  end: 20,
  event: { v: 1, type: 'param', key: 'layers', value: '5' },
};

describe('SyncStore', () => {
  it('remembers each lane of each writer', async () => {
    const store = await open();
    expect(store.isResumed).toBe(false);
    await store.acknowledge('values', new Map([['trainer', 100], ['agent', 5]])); // biome-ignore format: pairs
    await store.acknowledge('files', new Map([['trainer', 40]]));
    const again = await open();
    expect(again.isResumed).toBe(true);
    expect(again.acknowledged('values', 'trainer')).toBe(100);
    expect(again.acknowledged('files', 'trainer')).toBe(40);
    expect(again.acknowledged('values', 'agent')).toBe(5);
    expect(again.acknowledged('files', 'nobody')).toBe(0);
  });

  it('never goes back, and writes what was only passed over when it is saved', async () => {
    const store = await open();
    store.advance('values', new Map([['trainer', 50]]));
    store.advance('values', new Map([['trainer', 30]]));
    expect((await open()).acknowledged('values', 'trainer')).toBe(0);
    await store.save();
    expect((await open()).acknowledged('values', 'trainer')).toBe(50);
  });

  it('begins anew, with a warning, where its file is damaged', async () => {
    writeFileSync(join(directory, 'trainer.json'), '{"version":1,"val');
    const store = await open();
    expect(store.acknowledged('values', 'trainer')).toBe(0);
    expect(warnings).toEqual([expect.stringMatching(/trainer.json is damaged/)]);
  });

  it('writes nothing where a program made its files or its folder a link to', async () => {
    const elsewhere = join(directory, 'elsewhere');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'file'), '');
    const sync = join(directory, 'sync');
    symlinkSync(elsewhere, sync);
    await expect(SyncStore.open(sync, () => {})).rejects.toThrow(CannotWriteError);
    rmSync(sync);
    const store = await SyncStore.open(sync, () => {});
    symlinkSync(join(elsewhere, 'file'), join(sync, 'trainer.refused.ndjson'));
    expect(() => store.refuse(entry, 'too long')).toThrow(CannotWriteError);
    expect(store.refusedCount).toBe(0);
    expect(readFileSync(join(elsewhere, 'file'), 'utf8')).toBe('');
  });

  it('keeps a refused event once, over restarts too', async () => {
    const store = await open();
    expect(store.refuse(entry, 'too long')).toBe('param "layers" (trainer, byte 7): too long');
    expect(store.refuse(entry, 'too long')).toBeNull();
    appendFileSync(join(directory, 'trainer.refused.ndjson'), '{"offset":9,"rea');
    const again = await open();
    expect(again.refuse(entry, 'too long')).toBeNull();
    expect(again.refused).toEqual(['param "layers" (trainer, byte 7): too long']);
    expect(JSON.parse(readFileSync(join(directory, 'trainer.refused.ndjson'), 'utf8').split('\n')[0] ?? '')).toEqual({
      offset: 7,
      reason: 'too long',
      event: entry.event,
    });
  });

  it('keeps what no server can take once, by the lane that it would have gone', async () => {
    const of = (offset: number, event: InvalidEntry['event']): InvalidEntry => ({
      writer: 'trainer',
      offset,
      event,
      reason: 'why',
    });
    const invalid = [
      of(5, { type: 'metric', key: 'loss' }),
      of(9, { type: 'table', path: 1 }),
      of(12, { type: 'line' }),
    ];
    const store = await open();
    store.refuseInvalid('values', invalid);
    expect(store.refused).toEqual(['metric "loss" (trainer, byte 5): why', 'line (trainer, byte 12): why']);
    store.refuseInvalid('files', invalid);
    store.refuseInvalid('values', invalid);
    const again = await open();
    again.refuseInvalid('values', invalid);
    expect(again.refusedCount).toBe(3);
    expect(again.refused).toContain('table "1" (trainer, byte 9): why');
  });

  it('keeps what is refused after a line that a crash has torn', async () => {
    appendFileSync(join(directory, 'trainer.refused.ndjson'), '{"offset":9,"rea');
    (await open()).refuse(entry, 'too long');
    expect((await open()).refused).toEqual(['param "layers" (trainer, byte 7): too long']);
  });

  it('holds the first of many refusals and their number, and what may be read again', async () => {
    const store = await open();
    for (let offset = 0; offset < 50; offset += 1) store.refuse({ ...entry, offset, end: offset + 1 }, 'too long');
    await store.acknowledge('values', new Map([['trainer', 40]]));
    expect([store.refused.length, store.refusedCount]).toEqual([20, 50]);
    expect(store.refuse({ ...entry, offset: 45, end: 46 }, 'too long')).toBeNull();
    const again = await open();
    expect([again.refused.length, again.refusedCount]).toEqual([20, 50]);
    expect(again.refuse({ ...entry, offset: 40, end: 41 }, 'too long')).toBeNull();
    expect(again.refuse({ ...entry, offset: 60, end: 61 }, 'too long')).toContain('byte 60');
  });

  it('tells once that it cannot write, and goes on', async () => {
    const store = await open();
    rmSync(directory, { recursive: true });
    await store.acknowledge('values', new Map([['trainer', 1]]));
    await store.acknowledge('values', new Map([['trainer', 2]]));
    expect(warnings).toEqual([expect.stringMatching(/cannot be written down/)]);
    expect(store.acknowledged('values', 'trainer')).toBe(2);
    writeFileSync(directory, '');
  });
});
