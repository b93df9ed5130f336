import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RunLogAppender, type RunLogEvent, readRunLog } from '../../../src/runlog/index.ts';
import { trainerEnvironment } from '../../../trainer/config.ts';
import { configurationOf } from '../../../trainer/configuration/configuration.ts';
import type { SplitName } from '../../../trainer/data/dataset.ts';
import { type Parameters, parameterDescriptions } from '../../../trainer/parameters.ts';
import { openRunFolder } from '../../../trainer/run-folder.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

/** The sample that spoils the weights: sums of its pixels are no float32 any more. None where it is negative. */
const spoiled = vi.hoisted(() => ({ index: -1 }));

vi.mock('../../../trainer/data/synthetic-cells.ts', async (original) => {
  const { syntheticCell } = await original<typeof import('../../../trainer/data/synthetic-cells.ts')>();
  return {
    syntheticCell: (seed: number, split: SplitName, place: number, size: number) => {
      const cell = syntheticCell(seed, split, place, size);
      const pixels = Float32Array.from(cell.pixels, (value) => value / 127.5 - 1);
      if (split === 'training' && place === spoiled.index) pixels.fill(3e38);
      return { ...cell, pixels };
    },
  };
});

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory();
});
afterEach(() => folder.remove());

/** A whole training in this process: what it said, and what it logged. */
async function trainOnce(changes: Partial<Parameters>) {
  const { train } = await import('../../../trainer/train.ts');
  const defaults = Object.fromEntries(
    Object.entries(parameterDescriptions).map(([name, description]) => [name, description.default]),
  );
  const small = { image_size: 12, training_samples: 24, validation_samples: 12 };
  const given = { ...defaults, epochs: 4, convolutions: 1, batch_size: 8, ...small, ...changes };
  const parameters = given as unknown as Parameters;
  const sections = { data_loader: { test_samples: '40' } };
  const configuration = configurationOf({ parameters, sections, places: new Map() }, null);
  const environment = trainerEnvironment({ SLIPWAY_RUN_DIR: folder.path, SLIPWAY_REGISTER_MODEL: 'malaria' });
  const log = RunLogAppender.open(folder.path, 'trainer');
  const [lines, warnings]: [string[], string[]] = [[], []];
  await train({
    configuration,
    parameters,
    environment,
    folder: await openRunFolder(environment),
    log,
    signal: new AbortController().signal,
    line: (text) => lines.push(text),
    warn: (text) => warnings.push(text),
    echo: () => {},
  });
  log.close();
  const events: RunLogEvent[] = [];
  for await (const { event } of readRunLog(folder.path)) events.push(event);
  return { lines, warnings, events };
}

function tags(events: readonly RunLogEvent[]): Record<string, string> {
  return Object.fromEntries(events.flatMap((event) => (event.type === 'tag' ? [[event.key, event.value]] : [])));
}

const pictures = [
  ...['learning-curves', 'confusion-matrix', 'roc-curve', 'precision-recall-curve', 'score-histogram'],
  ...['worst-predictions', 'confident-predictions', 'training-samples', 'first-layer-filters'],
];

describe('a training whose weights become NaN', () => {
  it('ends with that epoch, says so, draws everything, and keeps its model without registering it', async () => {
    spoiled.index = 3;
    const { lines, warnings, events } = await trainOnce({});
    const { diverged = '' } = tags(events);
    expect(diverged).toMatch(
      /^epoch 1: loss is NaN from step [123] on, the batch of synthetic\/training\/\d+, .*, .* and 5 more$/,
    );
    const sentence = `training diverged in ${diverged}. Try a smaller learning_rate than 0.001.`;
    expect(warnings).toEqual([`warning: the ${sentence}`]);
    // The batch is the one with the spoiled sample, whole.
    const batch = JSON.parse(await readFile(folder.join('artifacts/broken-batch.json'), 'utf8'));
    expect(batch.ids).toHaveLength(8);
    expect(batch.ids.some((id: string) => Number(id.slice(-5)) === 3)).toBe(true);
    expect(diverged).toContain(`step ${batch.step} on, the batch of ${batch.ids.slice(0, 3).join(', ')} and`);
    const steps = events.flatMap((event) => (event.type === 'metric' ? [event.step] : []));
    expect(new Set(steps)).toEqual(new Set([1]));
    expect(events.find((event) => event.type === 'metric' && event.key === 'test_loss')).toMatchObject({
      value: 'NaN',
    });
    const artifacts = events.flatMap((event) => (event.type === 'artifact' ? [event.path] : []));
    for (const name of pictures) {
      expect(artifacts).toContain(`artifacts/plots/${name}.svg`);
      const svg = await readFile(folder.join(`artifacts/plots/${name}.svg`), 'utf8');
      expect(svg.replace(/base64,[^"]*/g, '')).not.toMatch(/NaN|Infinity/);
    }
    const report = await readFile(folder.join('artifacts/report.html'), 'utf8');
    expect(report).toContain(`The ${sentence}`);
    expect(events.find((event) => event.type === 'model')).toMatchObject({
      register: null,
      aliases: [],
      step: 1,
      tags: { diverged },
    });
    expect(lines.at(-1)).toBe(
      'The model is kept with the run, but not registered as malaria-synthetic: the training diverged.',
    );
    expect(await readFile(folder.join('artifacts/model/MLmodel'), 'utf8')).toContain('python_function');
  });
});

describe('a training that overshoots with the largest learning rate there may be', () => {
  it('says so at its end, for its loss is bounded and never infinite', async () => {
    spoiled.index = -1;
    const { warnings, events } = await trainOnce({ learning_rate: 10, epochs: 2 });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /^warning: the training diverged in epoch 1: loss is \d+\.\d+, more than twice what guessing gives \(0\.6931\)\. Try a smaller learning_rate than 10\.$/,
    );
    expect(tags(events).diverged).toMatch(/^epoch 1: loss is \d/);
    expect(events.find((event) => event.type === 'model')).toMatchObject({ register: null });
  });
});

describe('a training that goes well', () => {
  it('says nothing of the kind, registers its model, and logs its pictures and tables as it goes', async () => {
    spoiled.index = -1;
    const { warnings, events } = await trainOnce({ epochs: 3 });
    expect(warnings).toEqual([]);
    expect(tags(events)).toEqual({ best_epoch: '3', threads: expect.stringMatching(/^\d+$/), device: 'CPU' });
    expect(events.find((event) => event.type === 'model')).toMatchObject({
      register: 'malaria-synthetic',
      aliases: ['latest-finished'],
      step: 3,
    });
    const places = (wanted: (event: RunLogEvent) => boolean) =>
      events.flatMap((event, place) => (wanted(event) ? [place] : []));
    const curves = places((event) => event.type === 'artifact' && event.path === 'artifacts/plots/learning-curves.svg');
    const lastEpoch = places((event) => event.type === 'metric' && event.key === 'val_loss' && event.step === 3);
    // After the first epoch, while the training goes on, and after the last.
    expect(curves.length).toBeGreaterThanOrEqual(2);
    expect(curves[0]).toBeLessThan(lastEpoch[0] as number);
    expect(curves.at(-1)).toBeGreaterThan(lastEpoch[0] as number);
    const table = await readFile(folder.join('artifacts/plots/learning-curves.csv'), 'utf8');
    expect(table.trimEnd().split('\n')).toHaveLength(4);
    const images = events.flatMap((event) => (event.type === 'image' ? [event] : []));
    expect(images.map(({ key, step }) => `${key} ${step}`)).toContain('first_layer_filters 0');
    expect(images.at(-1)).toMatchObject({ key: 'first_layer_filters', step: 3 });
    for (const { path } of images) expect((await readFile(folder.join(path))).subarray(1, 4).toString()).toBe('PNG');
    const tables = events.flatMap((event) => (event.type === 'table' ? [event] : []));
    expect(tables.map(({ key }) => key)).toEqual(['predictions', 'per-class']);
    for (const { path } of tables) {
      const { columns, data } = JSON.parse(await readFile(folder.join(path), 'utf8'));
      expect(columns.length).toBe(data[0].length);
    }
    for (const event of events) {
      if (event.type === 'artifact') expect(await readFile(folder.join(event.path))).toBeDefined();
    }
    const report = await readFile(folder.join('artifacts/report.html'), 'utf8');
    // Those of the validation, too.
    expect(report.match(/<figure /g)).toHaveLength(pictures.length + 2);
    expect(report).toContain('highest F1 on the validation samples');
    expect(report).toContain('Synthetic data: the numbers say nothing about real ones.');
    expect(report).not.toContain('diverged');
  });
});
