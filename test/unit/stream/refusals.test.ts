import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import type { InvalidEntry } from '../../../src/runlog/index.ts';
import { Refusals } from '../../../src/stream/refusals.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const disk = vi.hoisted(() => ({ isFull: false }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const fsyncSync = (descriptor: number): void => {
    if (disk.isFull) throw Object.assign(new Error('ENOSPC: no space left on device, fsync'), { code: 'ENOSPC' });
    real.fsyncSync(descriptor);
  };
  return { ...real, fsyncSync };
});

const nothing = () => 0;
const invalid = (offset: number, event: InvalidEntry['event']): InvalidEntry => ({
  ...{ writer: 'trainer', offset, event, reason: 'why' },
});

it('what a full disk has taken a part of is counted once when there is room again', async () => {
  await using folder = await temporaryDirectory();
  const lost = [1, 2, 3].map((offset) => invalid(offset, { type: 'metric', key: 'loss' }));
  const refusals = await Refusals.open(folder.path, nothing);
  refusals.addInvalid('values', lost.slice(0, 1));
  disk.isFull = true;
  expect(() => refusals.addInvalid('values', lost)).toThrow(/no space/);
  expect(refusals.count).toBe(1);
  disk.isFull = false;
  refusals.addInvalid('values', lost);
  expect(refusals.count).toBe(3);
  expect((await Refusals.open(folder.path, nothing)).count).toBe(3);
  const kept = readFileSync(folder.join('trainer.refused.ndjson'), 'utf8').trim().split('\n');
  expect(kept.map((line) => JSON.parse(line).offset)).toEqual([1, 2, 3]);
});

it('a name that is none does not keep what was refused from being read again', async () => {
  await using folder = await temporaryDirectory();
  const refusals = await Refusals.open(folder.path, nothing);
  refusals.addInvalid('values', [invalid(1, { type: 'metric', key: { toString: 1 } })]);
  expect((await Refusals.open(folder.path, nothing)).named).toEqual(['metric (trainer, byte 1): why']);
});
