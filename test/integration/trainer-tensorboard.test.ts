import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunLogEvent } from '../../src/runlog/index.ts';
import { EventFile, eventFiles } from '../../trainer/tensorboard/event-file.ts';
import { scalarSummary } from '../../trainer/tensorboard/summary.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';
import {
  type PythonTensorBoard,
  readEventFiles,
  startTensorBoard,
  type TensorBoardRun,
} from '../support/tensorboard.ts';
import { runTrainer, trainerEvents } from '../support/trainer.ts';

const epochs = 3;
const settings = ['--convolutions=1', '--training-samples=96', '--validation-samples=32', '--image-size=20'];

let storage: TemporaryDirectory;
let events: RunLogEvent[];
let read: PythonTensorBoard;
const folder = (...parts: string[]): string => storage.join('runs/first/tensorboard', ...parts);
const runOf = (name: string): TensorBoardRun => read.folders[folder(name)] as TensorBoardRun;

beforeAll(async () => {
  storage = await temporaryDirectory();
  const end = await runTrainer([...settings, `--epochs=${epochs}`], { SLIPWAY_RUN_DIR: storage.join('runs/first') });
  expect(end).toMatchObject({ exitCode: 0, stderr: '' });
  events = await trainerEvents(storage.join('runs/first'));
  await tearApart();
  const model = storage.join('runs/first/artifacts/model/data/model.keras');
  read = await readEventFiles([...['train', 'validation', 'test', 'torn', 'cut'].map((name) => folder(name))], model);
});

afterAll(() => storage?.remove());

/**
 * `torn`: the training's file of an interrupted life, which had written epoch 3 and was killed in the next record, and the
 * file of the next life, which goes on from epoch 2. `cut`: the same file with its last record cut in the middle, alone.
 */
async function tearApart(): Promise<void> {
  const [name = ''] = await eventFiles(folder('validation'));
  for (const copy of ['torn', 'cut']) {
    await mkdir(folder(copy));
    await copyFile(folder('validation', name), folder(copy, name));
  }
  const bytes = await readFile(folder('cut', name));
  await writeFile(folder('cut', name), bytes.subarray(0, -40));
  await writeFile(folder('torn', name), Buffer.concat([bytes, bytes.subarray(-120, -40)]));
  const next = await EventFile.create(folder('torn'), 3);
  for (const epoch of [3, 4]) await next.write(epoch, [scalarSummary('epoch_loss', epoch / 8)]);
  await next.close();
}

/** Epoch and value of a metric, as the run log has them, with the precision of TensorBoard's scalars. */
function logged(key: string): [number, number][] {
  return events.flatMap((event) =>
    event.type === 'metric' && event.key === key ? [[event.step, Math.fround(event.value as number)]] : [],
  );
}

describe("TensorBoard's own reader", () => {
  it('reads every metric of every epoch, with the values of the run log', () => {
    const keys = ['loss', 'accuracy', 'auc', 'precision', 'recall'];
    const ofTraining = [...keys, 'learning_rate', 'samples_per_second'].map((key) => [`epoch_${key}`, logged(key)]);
    expect(runOf('train').scalars).toEqual({
      ...Object.fromEntries(ofTraining),
      epoch_seconds: logged('epoch_seconds'),
    });
    expect(runOf('validation').scalars).toEqual(
      Object.fromEntries(keys.map((key) => [`epoch_${key}`, logged(`val_${key}`)])),
    );
    expect(logged('val_loss')).toHaveLength(epochs);
    const ofTest = [...keys, 'f1', 'average_precision'].map((key) => [`epoch_${key}`, logged(`test_${key}`)]);
    expect(runOf('test').scalars).toEqual(Object.fromEntries(ofTest));
    expect(logged('test_auc')).toHaveLength(1);
  });

  it('reads histograms of all trained weights; the last are those of the model that was exported', () => {
    const { histograms } = runOf('train');
    expect(Object.keys(read.weights)).toHaveLength(6);
    expect(Object.keys(histograms).sort()).toEqual(Object.keys(read.weights).sort());
    for (const [tag, expected] of Object.entries(read.weights)) {
      const steps = histograms[tag] ?? [];
      expect(steps.map(([step]) => step).slice(0, 1), tag).toEqual([0]);
      const [step, buckets = []] = steps.at(-1) ?? [];
      expect(step, tag).toBe(epochs);
      expect(buckets.map(([, , count]) => count)).toEqual(expected.map(([, , count]) => count));
      for (const [place, [left, right]] of expected.entries()) {
        expect(buckets[place]?.[0]).toBeCloseTo(left as number, 12);
        expect(buckets[place]?.[1]).toBeCloseTo(right as number, 12);
      }
    }
  });

  it('reads pictures of the samples and of the filters, whole and of the size that is told', () => {
    const { images } = runOf('train');
    expect(Object.keys(images).sort()).toEqual(['first_layer_filters', 'training_samples']);
    expect(images.training_samples?.map(([step]) => step)).toEqual([1]);
    expect(images.first_layer_filters?.map(([step]) => step).at(0)).toBe(0);
    expect(images.first_layer_filters?.map(([step]) => step).at(-1)).toBe(epochs);
    for (const [, [width, height, ...decoded]] of Object.values(images).flat())
      expect(decoded).toEqual([width, height]);
  });

  it('reads a file whose last record is torn up to it, and the next life of the training once', () => {
    expect(runOf('cut').scalars.epoch_loss?.map(([step]) => step)).toEqual([1, 2]);
    expect(runOf('torn').scalars.epoch_loss).toEqual([...logged('val_loss').slice(0, 2), [3, 0.375], [4, 0.5]]);
  });
});

it('the server of TensorBoard, over the folder of all runs, shows the same', async () => {
  const run = (name: string): string => `first/tensorboard/${name}`;
  await using server = await startTensorBoard(storage.join('runs'), (tags) =>
    ['train', 'validation', 'test', 'torn', 'cut'].every((name) => 'epoch_loss' in (tags[run(name)] ?? {})),
  );
  const scalars = async (name: string): Promise<number[][]> => {
    const query = new URLSearchParams({ tag: 'epoch_loss', run: run(name) });
    const points = (await server.get(`scalars/scalars?${query}`)) as [time: number, step: number, value: number][];
    return points.map(([, step, value]) => [step, value]);
  };
  expect(await scalars('train')).toEqual(logged('loss'));
  expect(await scalars('validation')).toEqual(logged('val_loss'));
  expect(await scalars('test')).toEqual(logged('test_loss'));
  expect(await scalars('cut')).toEqual(logged('val_loss').slice(0, 2));
  expect(await scalars('torn')).toEqual([...logged('val_loss').slice(0, 2), [3, 0.375], [4, 0.5]]);
  const histograms = (await server.get('histograms/tags')) as Record<string, object>;
  expect(Object.keys(histograms[run('train')] ?? {}).sort()).toEqual(Object.keys(read.weights).sort());
  const images = (await server.get('images/tags')) as Record<string, object>;
  expect(Object.keys(images[run('train')] ?? {}).sort()).toEqual(['first_layer_filters', 'training_samples']);
});

it('every file is an artifact', async () => {
  const artifacts = events.flatMap((event) => (event.type === 'artifact' ? [event.path] : []));
  for (const name of ['train', 'validation', 'test']) {
    const files = (await readdir(folder(name))).map((file) => join('tensorboard', name, basename(file)));
    expect(artifacts).toEqual(expect.arrayContaining(files));
  }
});
