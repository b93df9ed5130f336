import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CannotWriteError } from '../../../../../src/errors.ts';
import { CheckpointFolder } from '../../../../../trainer/training/checkpoints/checkpoint-folder.ts';
import {
  type CheckpointPace,
  type CheckpointSubject,
  Checkpoints,
} from '../../../../../trainer/training/checkpoints/checkpoints.ts';
import {
  type CheckpointDocument,
  decodeHistory,
  encodeHistory,
} from '../../../../../trainer/training/checkpoints/document.ts';
import type { EpochRecord } from '../../../../../trainer/training/history.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../../support/index.ts';

let storage: TemporaryDirectory;
let folder: CheckpointFolder;
beforeEach(async () => {
  storage = await temporaryDirectory();
  folder = new CheckpointFolder(storage.join('checkpoints'));
});
afterEach(() => storage.remove());

const tensors = [
  { name: 'weights/0/dense/kernel', shape: [2, 2], values: Float32Array.of(1, -0, Number.NaN, 1e-45) },
  { name: 'optimizer/steps/0', shape: [], values: Int32Array.of(-7) },
  { name: 'epoch/scores', shape: [0], values: new Float32Array(0) },
];

/** A checkpoint after `epochs` whole epochs of ten steps, and `begunSteps` of the next. */
function document(epochs: number, begunSteps: number | null = null): Omit<CheckpointDocument, 'tensors_sha256'> {
  const history = Array.from({ length: epochs }, (_, index) => ({ epoch: index + 1, values: { loss: 0.1 } }));
  return {
    version: 1,
    written_at_ms: 1,
    configuration: { epochs: 9 },
    data: { training: 'a', validation: 'b', test: 'c' },
    frozen_sha256: '',
    ...{ threads: 2, device: 'cpu', steps: 10 * epochs, history },
    begun: begunSteps === null ? null : { steps: begunSteps, samples: 8 * begunSteps, training_seconds: 0.5 },
    best: { epoch: null, value: null, epochs_since: 0 },
    schedule: { wait: 1 },
    is_over: false,
  };
}

async function refusal(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  );
}

describe('CheckpointFolder', () => {
  it('gives back every bit, NaN, minus zero and the smallest number too', async () => {
    const name = await folder.write(document(3, 4), tensors);
    expect(name).toBe('epoch-00004-step-00000034');
    const read = await folder.read(name);
    expect(read.document).toMatchObject(document(3, 4));
    expect(read.tensors.map(({ name, shape }) => ({ name, shape }))).toEqual(
      tensors.map(({ name, shape }) => ({ name, shape })),
    );
    for (const [index, { values }] of tensors.entries()) {
      const found = read.tensors[index]?.values as Float32Array;
      expect(found.constructor).toBe(values.constructor);
      expect(Buffer.from(found.buffer, found.byteOffset, found.byteLength)).toEqual(Buffer.from(values.buffer));
    }
  });

  it('orders by epoch and step, a whole epoch after its steps', async () => {
    for (const one of [document(1), document(2), document(1, 9), document(1, 2)]) await folder.write(one, tensors);
    expect(await folder.names()).toEqual([
      'epoch-00002',
      'epoch-00002-step-00000019',
      'epoch-00002-step-00000012',
      'epoch-00001',
    ]);
  });

  it('keeps the newest and the named when it prunes, and removes what was half written when it cleans', async () => {
    for (const epochs of [1, 2, 3, 4]) await folder.write(document(epochs), tensors);
    await folder.prune('epoch-00004', 2, ['epoch-00001']);
    expect(await folder.names()).toEqual(['epoch-00004', 'epoch-00003', 'epoch-00001']);
    await mkdir(storage.join('checkpoints/.writing-epoch-00005'));
    await folder.clean();
    expect((await readdir(folder.directory)).sort()).toEqual(['epoch-00001', 'epoch-00003', 'epoch-00004']);
  });

  it('never prunes what was just written, though a damaged one that was passed over is newer', async () => {
    for (const epochs of [1, 2, 3, 5]) await folder.write(document(epochs), tensors);
    await folder.prune('epoch-00003', 1, []);
    expect(await folder.names()).toEqual(['epoch-00005', 'epoch-00003']);
  });

  it('is named with the checkpoint of the best epoch that is gone or damaged', async () => {
    const checkpoints = new Checkpoints(folder, {} as CheckpointPace, {} as CheckpointSubject);
    const place = storage.join('checkpoints/epoch-00001');
    const gone = {
      name: 'SlipwayError',
      message: expect.stringContaining(`The checkpoint ${place} of the best epoch`),
    };
    await expect(checkpoints.restoreWeightsOf(1)).rejects.toMatchObject(gone);
    await folder.write(document(1), tensors);
    await writeFile(`${place}/state.safetensors`, 'x');
    await expect(checkpoints.restoreWeightsOf(1)).rejects.toThrow(
      `The checkpoint ${place} of the best epoch cannot be read: its state.safetensors is damaged.`,
    );
  });

  it.each([
    ['a torn file of tensors', 'state.safetensors', 'x', 'its state.safetensors is damaged'],
    ['a document of something else', 'checkpoint.json', '{}', 'its checkpoint.json is not what this program writes'],
    ['a document that is no JSON', 'checkpoint.json', '{', 'JSON'],
  ])('passes %s over, says so, and takes the one before', async (_, file, content, reason) => {
    await folder.write(document(1), tensors);
    await folder.write(document(2), tensors);
    await writeFile(storage.join('checkpoints/epoch-00002', file), content);
    const warnings: string[] = [];
    expect((await folder.newest((text) => warnings.push(text)))?.name).toBe('epoch-00001');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(storage.join('checkpoints/epoch-00002'));
    expect(warnings[0]).toContain(reason);
  });

  it('has none before the first, and replaces a damaged one of the same name', async () => {
    expect(await folder.newest(() => {})).toBeNull();
    await folder.write(document(1), tensors);
    await writeFile(storage.join('checkpoints/epoch-00001/state.safetensors'), '');
    await folder.write(document(1), tensors);
    expect((await folder.newest(() => {}))?.name).toBe('epoch-00001');
  });

  it('says that it cannot write, and leaves what was there', async () => {
    await folder.write(document(1), tensors);
    await writeFile(storage.join('checkpoints/.writing-epoch-00002'), '');
    const blocked = new CheckpointFolder(storage.join('checkpoints/epoch-00001/checkpoint.json'));
    expect(await refusal(blocked.write(document(2), tensors))).toBeInstanceOf(CannotWriteError);
    expect((await folder.newest(() => {}))?.name).toBe('epoch-00001');
  });

  it('holds the header that the format wants: its length, JSON, and a multiple of eight bytes', async () => {
    await folder.write(document(1), tensors);
    const bytes = await readFile(storage.join('checkpoints/epoch-00001/state.safetensors'));
    const length = Number(bytes.readBigUInt64LE());
    expect(length % 8).toBe(0);
    expect(JSON.parse(bytes.subarray(8, 8 + length).toString())['optimizer/steps/0']).toEqual({
      dtype: 'I32',
      shape: [],
      data_offsets: [16, 20],
    });
    expect(bytes.length).toBe(8 + length + 20);
  });
});

describe('the history in a checkpoint', () => {
  it('survives JSON, with numbers that are none', () => {
    const values = { loss: Number.NaN, val_loss: Number.POSITIVE_INFINITY, accuracy: 0.1 + 0.2 };
    const history = [{ epoch: 1, values, brokenBatch: { step: 3, ids: ['a'] } }] as unknown as EpochRecord[];
    expect(decodeHistory(JSON.parse(JSON.stringify(encodeHistory(history))))).toEqual(history);
  });
});
