import { readdir, readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunLogEvent } from '../../src/runlog/index.ts';
import { sleep } from '../../src/util/index.ts';
import { randomSource } from '../../trainer/random.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';
import { runTrainer, startTrainer, type TrainerEnd, trainerEvents } from '../support/trainer.ts';

/** Everything that has a state: an optimizer with two averages, a schedule that learns, dropout, augmentation, statistics. */
const training = [
  ...['--epochs=8', '--training-samples=400', '--validation-samples=80', '--image-size=24', '--randomize-images=true'],
  ...['--model_builder_class=resnet', '--training.schedule=plateau', '--training.schedule_parameters.patience=1'],
  ...['--training.checkpoint_steps=4', '--training.class_weights=balanced'],
];

let storage: TemporaryDirectory;
beforeEach(async () => {
  storage = await temporaryDirectory();
});
afterEach(() => storage.remove());

/** Metrics of the log as `key@step value`, in an order of their own, without those that tell times. */
function metrics(events: readonly RunLogEvent[]): string[] {
  const texts = events.flatMap((event) =>
    event.type === 'metric' && !['epoch_seconds', 'samples_per_second'].includes(event.key)
      ? [`${event.key}@${event.step} ${event.value} ${event.dataset ?? ''}`]
      : [],
  );
  return texts.sort();
}

function ofType(events: readonly RunLogEvent[], type: RunLogEvent['type']): RunLogEvent[] {
  return events.filter((event) => event.type === type);
}

function environmentOf(name: string): Record<string, string> {
  return { SLIPWAY_RUN_DIR: storage.join(name), SLIPWAY_REGISTER_MODEL: 'cells' };
}

function resume(name: string, argv = training): Promise<TrainerEnd> {
  return runTrainer(argv, { ...environmentOf(name), SLIPWAY_RESUME: '1' });
}

/** Starts a training and kills it at a moment that `delayMs` and `afterLife` give. False where it had ended by then. */
async function killed(name: string, delayMs: number, afterLife: boolean): Promise<boolean> {
  const trainer = startTrainer(training, { ...environmentOf(name), SLIPWAY_RESUME: '1' });
  let ended = false;
  void trainer.ended.then(() => {
    ended = true;
  });
  const size = async (): Promise<number> =>
    (await readFile(storage.join(name, 'events/trainer.ndjson')).catch(() => '')).length;
  const before = await size();
  while (afterLife && !ended && (await size()) === before) await sleep(20);
  await sleep(delayMs);
  trainer.process.kill('SIGKILL');
  return (await trainer.ended).exitCode === null;
}

describe('a training that is killed', () => {
  it('twenty times at random moments has the history of one that was not, to the last bit', async () => {
    expect(await runTrainer(training, environmentOf('whole'))).toMatchObject({ exitCode: 0, stderr: '' });
    const random = randomSource('moments', Date.now());
    let kills = 0;
    while (kills < 20) {
      const afterLife = random.next() < 0.8;
      if (!(await killed('killed', random.between(0, afterLife ? 900 : 1500), afterLife))) break;
      kills += 1;
    }
    const end = await resume('killed');
    expect(end).toMatchObject({ exitCode: 0, stderr: '' });
    const [whole, resumed] = [await trainerEvents(storage.join('whole')), await trainerEvents(storage.join('killed'))];
    expect(kills).toBe(20);
    expect(metrics(resumed)).toEqual(metrics(whole));
    for (const type of ['param', 'table', 'dataset', 'model'] as const) {
      expect(ofType(resumed, type).length, type).toBe(ofType(whole, type).length);
    }
    for (const file of [
      'predictions.csv',
      'reports/test.csv',
      'model/tfjs/weights.bin',
      'plots/validation-confusion-matrix.svg',
      'plots/first-layer-filters.svg',
    ]) {
      const of = (name: string) => readFile(storage.join(name, 'artifacts', file));
      expect((await of('killed')).equals(await of('whole')), file).toBe(true);
    }
    expect((await readdir(storage.join('killed/checkpoints'))).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('a training that is stopped', () => {
  /** Starts it, asks it to stop in the third epoch, and waits for its end. */
  async function stopped(argv: readonly string[]): Promise<TrainerEnd> {
    const trainer = startTrainer(argv, environmentOf('run'));
    const third = async (): Promise<boolean> =>
      (await trainerEvents(storage.join('run'))).some(
        (event) => event.type === 'progress' && event.stage === 'epoch 3/8',
      );
    while (!(await third().catch(() => false))) await sleep(20);
    trainer.process.kill('SIGTERM');
    return trainer.ended;
  }

  it('by SIGTERM keeps the step at which it was, and goes on from there', async () => {
    const argv = [...training, '--training.checkpoint_steps=0'];
    expect(await stopped(argv)).toMatchObject({ exitCode: 143 });
    const newest = (await readdir(storage.join('run/checkpoints'))).sort().at(-1) ?? '';
    expect(newest).toMatch(/^epoch-0000\d(-step-\d{8})?$/);
    const end = await resume('run', argv);
    expect(end).toMatchObject({ exitCode: 0, stderr: '' });
    expect(end.stdout).toMatch(
      /^Goes on after epoch [2-8]( and step \d+ of epoch [3-8])?, from the checkpoint of .* ago\.$/m,
    );
    await runTrainer(argv, environmentOf('whole'));
    const [whole, resumed] = [await trainerEvents(storage.join('whole')), await trainerEvents(storage.join('run'))];
    expect(metrics(resumed)).toEqual(metrics(whole));
    expect(ofType(resumed, 'end')).toMatchObject([{ status: 'KILLED' }, { status: 'FINISHED' }]);
  });
});

describe('a training that has ended', () => {
  const small = ['--convolutions=1', '--training-samples=96', '--validation-samples=32', '--image-size=20'];

  it('goes on with more epochs, as if it had been asked for them at once, and refuses fewer or other parameters', async () => {
    expect(await runTrainer([...small, '--epochs=2'], environmentOf('run'))).toMatchObject({ exitCode: 0 });
    const refused = await resume('run', [...small, '--epochs=2', '--batch-size=16']);
    expect(refused).toMatchObject({
      exitCode: 64,
      stderr:
        'The run was begun with batch_size 32 and cannot go on with 16.\nResume a run with the parameters with which it began; only epochs may grow.',
    });
    expect((await resume('run', [...small, '--epochs=1'])).stderr).toContain('for 2 epochs and cannot go on for 1.');
    const grown = await resume('run', [...small, '--epochs=4']);
    expect(grown).toMatchObject({ exitCode: 0, stderr: '' });
    expect(grown.stdout).toContain('Goes on after epoch 2, from the checkpoint of ');
    await runTrainer([...small, '--epochs=4'], environmentOf('whole'));
    const ofEpochs = (events: readonly RunLogEvent[]) =>
      metrics(events).filter((text) => !/^(test|val)_(\w*brier|log)|^test_/.test(text));
    expect(ofEpochs(await trainerEvents(storage.join('run')))).toEqual(
      expect.arrayContaining(ofEpochs(await trainerEvents(storage.join('whole')))),
    );
  });

  it('passes a damaged checkpoint over, refuses other data, and begins again where there is no checkpoint', async () => {
    await runTrainer([...small, '--epochs=3'], environmentOf('run'));
    const whole = metrics(await trainerEvents(storage.join('run')));
    await writeFile(storage.join('run/checkpoints/epoch-00003/state.safetensors'), 'torn');
    const end = await resume('run', [...small, '--epochs=3']);
    expect(end.exitCode).toBe(0);
    expect(end.stderr).toBe(
      `warning: The checkpoint ${storage.join('run/checkpoints/epoch-00003')} is passed over: its state.safetensors is damaged.`,
    );
    expect(end.stdout).toContain('Goes on after epoch 2,');
    expect(metrics(await trainerEvents(storage.join('run')))).toEqual(whole);
    const document = storage.join('run/checkpoints/epoch-00003/checkpoint.json');
    const text = await readFile(document, 'utf8');
    await writeFile(document, text.replace(/"validation":"[0-9a-f]+"/, '"validation":"00"'));
    expect((await resume('run', [...small, '--epochs=3'])).stderr).toMatch(
      /^The validation samples of .* are not those with which the run was begun: their digest is [0-9a-f]{32}, not 00\.\nBring/,
    );
    expect((await resume('new', [...small, '--epochs=1'])).stdout).toMatch(
      /^The run was interrupted before its first checkpoint: it begins again\.$/m,
    );
  });

  it('refuses the checkpoint of another network by the first weight that differs', async () => {
    await runTrainer([...small, '--epochs=1'], environmentOf('run'));
    const document = storage.join('run/checkpoints/epoch-00001/checkpoint.json');
    const text = await readFile(document, 'utf8');
    await writeFile(document, text.replace('"model_builder.dense_units":128', '"model_builder.dense_units":64'));
    const end = await resume('run', [...small, '--epochs=2', '--model_builder.dense_units=64']);
    expect(end.exitCode).toBe(64);
    expect(end.stderr.split('\n')[0]).toBe(
      `The checkpoint ${storage.join('run/checkpoints/epoch-00001')} is one of another training: it holds weights/2/dense/kernel [3200, 128] where this training has weights/2/dense/kernel [3200, 64].`,
    );
  });
});
