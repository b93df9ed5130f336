import { readdir, stat, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { RunLogAppender, readRunLog } from '../../../src/runlog/index.ts';
import { StandardPreprocessor } from '../../../trainer/data/preprocessors/standard.ts';
import { MlpBuilder } from '../../../trainer/models/dense.ts';
import { TensorBoardFiles } from '../../../trainer/tensorboard-files.ts';
import type { TensorFlow } from '../../../trainer/tensorflow/library.ts';
import type { TrainingRun } from '../../../trainer/training-run.ts';
import { temporaryDirectory } from '../../support/index.ts';
import { listDataset } from '../../support/list-loader.ts';
import { madeHistory } from '../../support/made-predictions.ts';
import { quietTensorFlow } from '../../support/tensorflow.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = quietTensorFlow();
  await tf.ready();
});

interface Told {
  readonly warnings: readonly string[];
  /** Paths of the artifacts that were logged. */
  readonly artifacts: readonly string[];
}

async function train(
  directory: string,
  options: { tensorboard?: boolean; fromEpoch?: number; interrupt?: () => Promise<void> } = {},
): Promise<Told> {
  const { tensorboard = true, fromEpoch = 0 } = options;
  const log = RunLogAppender.open(directory, 'trainer');
  const warnings: string[] = [];
  const run = {
    configuration: { training: { tensorboard } },
    parameters: { seed: 1, epochs: 3 },
    folder: { directory },
    log,
    warn: (text: string) => warnings.push(text),
  } as unknown as TrainingRun;
  const pixels = Uint8Array.from({ length: 16 }, (_, index) => index * 16);
  const training = [0, 1].map((label) => ({
    ...{ id: `image-${label}`, pixels, height: 4, width: 4, channels: 1, label, weight: 1 },
  }));
  const { model } = new MlpBuilder().getCompiledModel({ tf, inputShape: [4, 4, 1], classes: 2 });
  const tensors = tf.memory().numTensors;
  const files = await TensorBoardFiles.start({
    ...{ run, tf, model, augmentor: null, fromEpoch },
    dataset: await listDataset({ training }),
    preprocessor: new StandardPreprocessor(),
  });
  await options.interrupt?.();
  for (const record of madeHistory(3).slice(fromEpoch)) await files.epoch(record);
  await files.trained();
  await files.finish();
  await files.test({ test_loss: 0.5 }, 3);
  expect(tf.memory().numTensors).toBe(tensors);
  model.dispose();
  log.close();
  const artifacts: string[] = [];
  for await (const { event } of readRunLog(directory)) if (event.type === 'artifact') artifacts.push(event.path);
  return { warnings, artifacts };
}

describe('the files of a training', () => {
  it('lie in a folder a run of TensorBoard, are artifacts, and leave no tensor', async () => {
    await using folder = await temporaryDirectory();
    const { warnings, artifacts } = await train(folder.path);
    expect(warnings).toEqual([]);
    expect(artifacts.map((path) => path.replace(/events\.out\.tfevents\..*/, ''))).toEqual([
      'tensorboard/train/',
      'tensorboard/validation/',
      'tensorboard/test/',
    ]);
    for (const path of artifacts) expect((await stat(folder.join(path))).size).toBeGreaterThan(100);
  });

  it('of one that goes on stand beside the earlier ones, hold no samples again, and all are artifacts', async () => {
    await using folder = await temporaryDirectory();
    const first = await train(folder.path);
    const { artifacts } = await train(folder.path, { fromEpoch: 2 });
    const last = artifacts.slice(first.artifacts.length);
    expect(last.filter((path) => path.includes('/train/'))).toHaveLength(2);
    expect(last).toEqual(expect.arrayContaining([...first.artifacts]));
    const sizes = await Promise.all(
      last.filter((path) => path.includes('/train/')).map(async (path) => (await stat(folder.join(path))).size),
    );
    expect(sizes[1]).toBeLessThan((sizes[0] as number) / 2);
  });

  it('are none where the configuration says so', async () => {
    await using folder = await temporaryDirectory();
    expect(await train(folder.path, { tensorboard: false })).toEqual({ warnings: [], artifacts: [] });
    expect(await readdir(folder.path)).not.toContain('tensorboard');
  });

  it('that cannot be written are one warning, and the training goes on', async () => {
    await using folder = await temporaryDirectory();
    // A file where the folder of a run belongs.
    const interrupt = () => writeFile(folder.join('tensorboard/validation'), '');
    const { warnings, artifacts } = await train(folder.path, { interrupt });
    expect(warnings).toEqual([
      expect.stringMatching(/^warning: the files for TensorBoard could not be written: EEXIST: .*validation'$/),
    ]);
    expect(artifacts).toEqual([]);
  });
});
