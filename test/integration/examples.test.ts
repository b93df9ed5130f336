import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectFiles } from '../../src/init/project-files.ts';
import { writeFiles } from '../../src/init/write-files.ts';
import { loadProject } from '../../src/project/index.ts';
import { isTrainerCommand } from '../../src/trainer-program/index.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';
import { onlyRun, runTrainer, startTrainer, trainerEvents } from '../support/trainer.ts';

const examples = resolve(import.meta.dirname, '../../examples');

interface Trained {
  readonly params: Readonly<Record<string, unknown>>;
  /** The last of each. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly sources: readonly string[];
  /** The header of `reports/test.csv`. */
  readonly columns: readonly string[];
}

let folder: TemporaryDirectory;
beforeAll(async () => {
  folder = await temporaryDirectory();
});
afterAll(() => folder.remove());

/** Trains a project in its folder, with its own configuration, as its MLproject does. */
async function train(project: string, name: string): Promise<Trained> {
  const storage = folder.join(`storage-${name}`);
  const end = await runTrainer(['--config', 'config.yaml'], { SLIPWAY_STORAGE: storage }, project);
  expect(end).toMatchObject({ exitCode: 0, stderr: '' });
  const run = await onlyRun(storage);
  const events = await trainerEvents(run);
  const table = readFileSync(join(run, 'artifacts/reports/test.csv'), 'utf8');
  return {
    params: Object.fromEntries(events.flatMap((event) => (event.type === 'param' ? [[event.key, event.value]] : []))),
    metrics: Object.fromEntries(
      events.flatMap((event) => (event.type === 'metric' ? [[event.key, Number(event.value)]] : [])),
    ),
    sources: events.flatMap((event) => (event.type === 'dataset' ? [`${event.name} ${event.source_type}`] : [])),
    columns: table.slice(0, table.indexOf('\n')).split(','),
  };
}

describe('the examples', () => {
  it('are projects on the trainer, each with a note, and all of them are trained here', async () => {
    expect(readdirSync(examples).sort()).toEqual(['README.md', 'costs', 'leaves', 'shapes']);
    for (const name of ['costs', 'leaves', 'shapes']) {
      const project = await loadProject(join(examples, name));
      expect(project).toMatchObject({ name, warnings: [] });
      expect(isTrainerCommand(project.entryPoints.main?.command ?? '')).toBe(true);
      expect(readFileSync(join(examples, name, 'README.md'), 'utf8')).toContain('slipway run');
    }
  });

  it('train a network of their own on data of their own, whose drawings are in one part each', async () => {
    const { params, metrics, sources } = await train(join(examples, 'shapes'), 'shapes');
    expect(params).toMatchObject({
      data_loader_class: 'shapes.ShapesLoader',
      'data_loader.turns': '12',
      'model_builder.filters': '12,24',
      classes: '3',
    });
    expect(params).not.toHaveProperty('data');
    expect(sources).toEqual(['training', 'validation', 'test'].map((part) => `ShapesLoader-${part} code`));
    expect(metrics.test_accuracy).toBeGreaterThan(0.8);
  });

  it('ask of each prediction what it costs', async () => {
    const { params, metrics, columns } = await train(join(examples, 'costs'), 'costs');
    expect(params).toMatchObject({ evaluator_class: 'costs.CostEvaluator', 'evaluator.missed': '20' });
    expect(columns.slice(-2)).toEqual(['cost', 'expected_cost']);
    expect(metrics.test_expected_cost).toBeGreaterThanOrEqual(0);
    expect(metrics.test_cost).toBeLessThan(10);
  });

  it('tell species apart by a table, without a line of code', async () => {
    const { params, metrics } = await train(join(examples, 'leaves'), 'leaves');
    expect(params).toMatchObject({ data_loader_class: 'csv_table', 'data_loader.label_column': 'species' });
    expect(metrics.test_accuracy).toBeGreaterThan(0.85);
  });
});

describe('a project made with classes of its own', () => {
  it('trains at once', async () => {
    const project = folder.join('striped');
    await writeFiles(project, await projectFiles('striped', { components: true }));
    const { params, metrics, columns } = await train(project, 'striped');
    expect(params).toMatchObject({ model_builder_class: 'model.SmallNetwork', 'data_loader.noise': '0.2' });
    expect(columns.slice(-2)).toEqual(['margin', 'surely_wrong']);
    expect(metrics.test_accuracy).toBeGreaterThan(0.8);
    expect(metrics.test_margin).toBeGreaterThan(0);
  });

  it('fails with the file and line of a class that throws while it is used', async () => {
    const project = folder.join('broken');
    await writeFiles(project, await projectFiles('broken', { components: true }));
    const file = join(project, 'src/dataset.ts');
    const lines = readFileSync(file, 'utf8').split('\n');
    const line = lines.findIndex((text) => text.includes('readSample(')) + 1;
    lines.splice(line, 0, "    if (label === 2) throw new RangeError('no such stripes');");
    writeFileSync(file, lines.join('\n'));
    const storage = folder.join('storage-broken');
    const { exitCode, stderr } = await runTrainer(['--config', 'config.yaml'], { SLIPWAY_STORAGE: storage }, project);
    const reason = `${file}, line ${line + 1}: RangeError: no such stripes`;
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: reason });
    const events = await trainerEvents(await onlyRun(storage));
    expect(events.at(-1)).toMatchObject({ type: 'end', status: 'FAILED', reason });
  });

  it('is done and says what a class has left open that keeps it from ending', async () => {
    const project = folder.join('left-open');
    await writeFiles(project, await projectFiles('left-open', { components: true }));
    const file = join(project, 'src/dataset.ts');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\nsetTimeout(() => {}, 30_000);\n`);
    const argv = ['--config', 'config.yaml', '--epochs', '1'];
    const trainer = startTrainer(argv, { SLIPWAY_STORAGE: folder.join('storage-left-open') }, project);
    let said = '';
    await new Promise<void>((told) => {
      trainer.process.stderr?.on('data', (text: string) => {
        said += text;
        if (said.includes('close them in close().')) told();
      });
    });
    trainer.process.kill('SIGKILL');
    expect(said).toMatch(/^The program is done, but what a class of the project left open .*Timeout/m);
    expect((await trainer.ended).stdout).toContain('\ntest: ');
  });
});
