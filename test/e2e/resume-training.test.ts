import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Run } from '../../src/mlflow/index.ts';
import { sleep } from '../../src/util/index.ts';
import { slipway, startSlipway } from '../support/index.ts';
import { killEverything } from '../support/resumable.ts';
import { TrackedFolder } from '../support/tracked-folder.ts';

/** The trainer itself, as a launcher starts it: what is killed are launcher, agent and training together. */

const root = resolve(import.meta.dirname, '../..');
const epochs = 6;
const parameters = [
  ...[`epochs=${epochs}`, 'training_samples=700', 'validation_samples=100', 'image_size=24', 'randomize_images=true'],
  ...['training.checkpoint_steps=5', 'export.formats=tfjs'],
].flatMap((parameter) => ['-P', parameter]);

let tracked: TrackedFolder;
beforeAll(async () => {
  tracked = await TrackedFolder.open();
});
afterAll(() => tracked?.[Symbol.asyncDispose]());

const environment = () => ({ environment: { MLFLOW_TRACKING_URI: tracked.server.uri } });
const place = () => ['--storage', tracked.folder.path];
const words = (name: string) => [
  ...['run', root, '--engine', 'host', ...place(), '--run-name', name, '--register-model', 'resumed-cells'],
  ...['--experiment-name', 'resumed', ...parameters],
];

async function runNamed(name: string): Promise<Run> {
  const experiment = await tracked.client.getExperimentByName('resumed');
  const experimentIds = [experiment?.experimentId ?? ''];
  const { items } = await tracked.client.searchRuns({ experimentIds, filter: `attributes.run_name = '${name}'` });
  expect(items).toHaveLength(1);
  return tracked.client.getRun(items[0]?.info.runId ?? '');
}

/** Every value of every metric that the server has, but for those that tell times, and what was measured of the machine. */
async function history(run: Run): Promise<Record<string, string[]>> {
  const keys = Object.keys(run.data.metrics).filter((key) => !/seconds|per_second|^system\//.test(key));
  const found: Record<string, string[]> = {};
  for (const key of keys.sort()) {
    const points = await tracked.client.metricHistory(run.info.runId, key);
    found[key] = points.map(({ step, value }) => `${step}: ${value}`);
  }
  return found;
}

/** Waits for the run folder that is new, and for its training to be in an epoch. */
async function inEpoch(epoch: number, directory: () => string): Promise<void> {
  for (;;) {
    try {
      const log = readFileSync(join(directory(), 'events', 'trainer.ndjson'), 'utf8');
      if (log.includes(`"stage":"epoch ${epoch}/${epochs}"`)) return;
    } catch {
      // Not begun yet.
    }
    await sleep(50);
  }
}

test('a training that was killed with its agent and launcher, time and again, has the history of one that was not', async () => {
  expect(await slipway(words('whole'), environment())).toMatchObject({ exitCode: 0 });
  const before = readdirSync(join(tracked.folder.path, 'runs'));
  const directory = (): string => {
    const [id] = readdirSync(join(tracked.folder.path, 'runs')).filter((name) => !before.includes(name));
    return join(tracked.folder.path, 'runs', id ?? 'none');
  };
  let running = startSlipway(words('killed'), environment());
  for (const [index, epoch] of [2, 4, epochs].entries()) {
    await inEpoch(epoch, directory);
    await sleep(Math.random() * 300);
    const runId = directory().split('/').at(-1) as string;
    await killEverything({ running, runId, directory: directory() }, index + 1);
    running = startSlipway(['run', '--resume', runId, ...place()], environment());
  }
  const end = await running.ended;
  expect(end.exitCode, end.stderr).toBe(0);
  expect(end.stderr).toMatch(/Goes on after epoch \d/);

  const [whole, killed] = [await runNamed('whole'), await runNamed('killed')];
  expect(killed.info.status).toBe('FINISHED');
  expect(killed.data.tags).toMatchObject({ 'slipway.resumed': '3' });
  expect(await history(killed)).toEqual(await history(whole));
  expect(killed.data.params).toEqual(whole.data.params);
  const { items } = await tracked.client.searchModelVersions({ filter: "name = 'resumed-cells-synthetic'" });
  expect(items.map(({ runId }) => runId).sort()).toEqual([whole.info.runId, killed.info.runId].sort());
});
