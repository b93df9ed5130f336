import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunLogEvent } from '../../src/runlog/index.ts';
import { cellImageFiles, noisyPng, writeZip } from '../support/cell-images.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';
import { onlyRun, runTrainer, startTrainer, trainerEvents } from '../support/trainer.ts';

const small = ['--epochs=2', '--convolutions=1', '--training-samples=96', '--validation-samples=32', '--image-size=20'];

let storage: TemporaryDirectory;
beforeEach(async () => {
  storage = await temporaryDirectory();
});
afterEach(() => storage.remove());

/** Metric values as `key@step value`, without those that tell times. */
function metrics(events: readonly RunLogEvent[]): string[] {
  return events.flatMap((event) =>
    event.type === 'metric' && !['epoch_seconds', 'samples_per_second'].includes(event.key)
      ? [`${event.key}@${event.step} ${event.value}`]
      : [],
  );
}

function ends(events: readonly RunLogEvent[]): object[] {
  return events.filter((event) => event.type === 'end');
}

describe('a training in a process of its own', () => {
  it('gives the same metrics twice, with dropout and augmentation, and leaves everything in the run folder', async () => {
    const runs: RunLogEvent[][] = [];
    for (const name of ['first', 'second']) {
      const environment = { SLIPWAY_RUN_DIR: storage.join(name), SLIPWAY_REGISTER_MODEL: 'malaria' };
      const end = await runTrainer([...small, '--randomize-images', 'true'], environment);
      expect(end).toMatchObject({ exitCode: 0, stderr: '' });
      // A launcher shows the values of the run log: they are not said twice.
      expect(end.stdout).toMatch(/^Data: .*\nNetwork: .*\n$/);
      runs.push(await trainerEvents(storage.join(name)));
    }
    const [first = [], second = []] = runs;
    // Of each epoch, of the test, and what the evaluator says of validation and test.
    expect(metrics(first)).toHaveLength(2 * 11 + 7 + 2);
    expect(metrics(second)).toEqual(metrics(first));

    const artifacts = first.flatMap((event) => (event.type === 'artifact' ? [event.path] : []));
    for (const path of artifacts) expect((await readFile(storage.join('first', path))).length).toBeGreaterThan(0);
    for (const name of [
      'config.json',
      'environment.json',
      'plots/learning-curves.svg',
      'plots/confusion-matrix.svg',
      'predictions.csv',
      'report.html',
    ]) {
      expect(artifacts).toContain(`artifacts/${name}`);
    }
    const datasets = first.flatMap((event) => (event.type === 'dataset' ? [event] : []));
    expect(datasets.map(({ context }) => context)).toEqual(['training', 'validation', 'test']);
    expect(JSON.parse(datasets[0]?.profile ?? '{}')).toEqual({
      num_rows: 96,
      class_counts: { 'synthetic uninfected': 48, 'synthetic parasitized': 48 },
    });
    const model = first.find((event) => event.type === 'model');
    expect(model).toMatchObject({
      register: 'malaria-synthetic',
      aliases: ['latest-finished'],
      dataset: 'synthetic-cells-test',
      step: 2,
    });
    expect(await readFile(storage.join('first', 'artifacts/model/MLmodel'), 'utf8')).toContain('python_function');
    expect(ends(first)).toEqual([{ v: 1, type: 'end', status: 'FINISHED' }]);
    expect(first.some((event) => event.type === 'progress' && event.stage === 'epoch 2/2')).toBe(true);
  });

  it('makes a run folder of its own where no launcher did, and registers nothing', async () => {
    const end = await runTrainer([...small, '--epochs=1'], { SLIPWAY_STORAGE: storage.path });
    expect(end.exitCode).toBe(0);
    const run = await onlyRun(storage.path);
    expect(end.stdout).toContain(`Run folder: ${run}\n`);
    expect(end.stdout).toMatch(/\nepoch 1\/1: loss .*\ntest: .*\nReport: .*\/report\.html\nModel: /);
    expect((await trainerEvents(run)).find((event) => event.type === 'model')).toMatchObject({ register: null });
  });

  it('stops at SIGTERM after the current batch: KILLED, exit code 143, no model', async () => {
    const trainer = startTrainer(['--epochs=50', '--image-size=32'], { SLIPWAY_STORAGE: storage.path });
    await new Promise<void>((seen) => {
      trainer.process.stdout?.on('data', (text: string) => {
        if (text.includes('epoch 1/50')) seen();
      });
    });
    trainer.process.kill('SIGTERM');
    const end = await trainer.ended;
    expect(end).toMatchObject({ exitCode: 143, stderr: 'The training was stopped by SIGTERM.' });
    const events = await trainerEvents(await onlyRun(storage.path));
    expect(ends(events)).toEqual([
      { v: 1, type: 'end', status: 'KILLED', reason: 'The training was stopped by SIGTERM.' },
    ]);
    expect(events.filter((event) => event.type === 'model')).toEqual([]);
    const artifacts = events.flatMap((event) => (event.type === 'artifact' ? [event.path] : []));
    for (const name of ['train', 'validation']) {
      expect(artifacts).toContainEqual(expect.stringMatching(`^tensorboard/${name}/events`));
    }
    // The curves show every epoch that was finished.
    const epochs = metrics(events).filter((text) => text.startsWith('val_loss@')).length;
    const curves = await readFile(`${await onlyRun(storage.path)}/artifacts/plots/learning-curves.csv`, 'utf8');
    expect(curves.trimEnd().split('\n')).toHaveLength(epochs + 1);
    expect(metrics(events).length).toBeGreaterThan(0);
  });

  it('fails where a GPU is asked for and TensorFlow has none', async () => {
    const environment = { SLIPWAY_RUN_DIR: storage.path, SLIPWAY_GPUS: 'all', CUDA_VISIBLE_DEVICES: '' };
    const end = await runTrainer(small, environment);
    expect(end.exitCode).toBe(1);
    expect(end.stderr).toMatch(/^GPUs were asked for \(all\), but TensorFlow runs on the CPU: .*\.\nCheck .*\.$/);
    expect(ends(await trainerEvents(storage.path))).toMatchObject([{ status: 'FAILED' }]);
  });
});

describe('bad input', () => {
  const files = cellImageFiles();
  const damaged = Object.keys(files)[3] as string;

  it.each([
    ['a missing data file', ['--data=/storage/none.zip'], 'The data /storage/none.zip does not exist.'],
    ['empty data', ['--data='], 'Parameter data is empty, but must be the word synthetic, a zip file or a folder.'],
    ['a wrong type', ['--epochs=many'], "Parameter epochs is 'many', which is not a whole number."],
    ['a wrong bound', ['--convolutions=9'], 'Parameter convolutions is 9, but must be from 0 to 8.'],
    ['an unknown parameter', ['--epoch=3'], 'There is no parameter named epoch.'],
    [
      'too many convolutions',
      ['--convolutions=5', '--image-size=20'],
      'Parameter convolutions is 5, but an image of 20 pixels can be halved only 4 times.',
    ],
  ])('%s ends with one sentence, exit code 64 and the reason in the run log', async (_, argv, message) => {
    const end = await runTrainer(argv, { SLIPWAY_RUN_DIR: storage.path });
    expect(end.exitCode).toBe(64);
    expect(end.stderr.split('\n')[0]).toBe(message);
    expect(end.stderr).not.toContain('    at ');
    expect(ends(await trainerEvents(storage.path))).toEqual([{ v: 1, type: 'end', status: 'FAILED', reason: message }]);
  });

  it.each([
    ['an empty PNG', { ...files, [damaged]: Buffer.alloc(0) }, `The image ${damaged} in /storage/cells.zip is empty.`],
    [
      'a broken PNG',
      { ...files, [damaged]: noisyPng(9, 1, 9, 'x').subarray(0, 70) },
      `The image ${damaged} in /storage/cells.zip is a broken PNG.`,
    ],
    [
      'one class only',
      Object.fromEntries(Object.entries(files).filter(([name]) => name.includes('Uninfected'))),
      'The data /storage/cells.zip holds only one class: there is no image in Parasitized; expected cell_images/{Parasitized,Uninfected}/*.png.',
    ],
  ])('a zip with %s ends with one sentence, wherever the storage lies', async (_, content, message) => {
    await writeZip(storage.join('cells.zip'), content);
    const environment = { SLIPWAY_STORAGE: storage.path, SLIPWAY_RUN_DIR: storage.join('run') };
    const end = await runTrainer(['--data=/storage/cells.zip'], environment);
    expect(end).toMatchObject({ exitCode: 64, stderr: message.replace('/storage', storage.path) });
  });
});

describe('--describe and --help', () => {
  /** A module that makes every attempt to load TensorFlow fail. */
  const blocker = `data:text/javascript,${encodeURIComponent(`
    import Module from 'node:module';
    const load = Module._load;
    Module._load = (name, ...rest) => {
      if (name.startsWith('@tensorflow/')) throw new Error('blocked');
      return load(name, ...rest);
    };`)}`;
  const environment = { NODE_OPTIONS: `--import ${blocker}` };

  it('print without loading TensorFlow', async () => {
    const described = await runTrainer(['--describe'], environment);
    expect(described.exitCode).toBe(0);
    expect(JSON.parse(described.stdout).properties.epochs).toMatchObject({ type: 'integer', default: 5, minimum: 1 });
    const help = await runTrainer(['--help'], environment);
    expect(help.exitCode).toBe(0);
    expect(help.stdout).toContain('--learning-rate <number>');
  });

  it('differ in that from a training, which says what it lacks', async () => {
    const end = await runTrainer(small, { ...environment, SLIPWAY_RUN_DIR: storage.path });
    expect(end.exitCode).toBe(69);
    expect(end.stderr).toContain("TensorFlow's library cannot be loaded: blocked");
  });
});
