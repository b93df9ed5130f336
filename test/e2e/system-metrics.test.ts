import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Run, runUrl } from '../../src/mlflow/index.ts';
import { agentProcesses } from '../support/agent-processes.ts';
import { testBaseImage } from '../support/base-image.ts';
import { openBrowser, visit } from '../support/browser.ts';
import { type GitProject, gitProject, jsonEvents, requireDocker, startSlipway } from '../support/index.ts';
import { slipway } from '../support/slipway.ts';
import { TrackedFolder } from '../support/tracked-folder.ts';

const checkout = resolve(import.meta.dirname, '../..');
/** Whether the picture of docs/system-metrics.md is to be made anew: of a run on real parts alone, a longer one. */
const isForDocuments = Boolean(process.env.SLIPWAY_UPDATE_IMAGES);

let project: GitProject;

let tracked: TrackedFolder;

beforeAll(async () => {
  tracked = await TrackedFolder.open();
});

afterAll(async () => {
  await project?.[Symbol.asyncDispose]();
  await tracked?.[Symbol.asyncDispose]();
});

/** What the run's agents have sampled, as it lies in its folder. */
interface Sample {
  readonly key: string;
  readonly value: number;
  readonly step: number;
}

function samples(directory: string): Sample[] {
  try {
    const text = readFileSync(join(directory, 'events', 'system.ndjson'), 'utf8');
    return text
      .slice(0, text.lastIndexOf('\n'))
      .split('\n')
      .map((line) => JSON.parse(line) as Sample);
  } catch {
    return [];
  }
}

async function untilStep(directory: string, step: number): Promise<void> {
  while ((samples(directory).at(-1)?.step ?? -1) < step) await new Promise((wake) => setTimeout(wake, 20));
}

function tell(word: 'end' | 'fail'): void {
  writeFileSync(tracked.folder.join(word), '');
}

function start(name: string, words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  rmSync(tracked.folder.join('end'), { force: true });
  rmSync(tracked.folder.join('fail'), { force: true });
  const all = [
    'run',
    project.path,
    '--storage',
    tracked.folder.path,
    '--run-name',
    name,
    '--system-metrics-interval',
    '1',
  ];
  return startSlipway([...all, '--json', ...words], {
    environment: { MLFLOW_TRACKING_URI: tracked.server.uri, ...environment },
  });
}

async function directoryOf(running: ReturnType<typeof start>): Promise<string> {
  await running.until('"type":"registered"');
  await running.until('holds 104857600');
  const runId = /\d{8}-\d{6}-[0-9a-z]{4}/.exec(running.output().stdout)?.[0] ?? '';
  return tracked.folder.join('runs', runId);
}

async function runOf(name: string): Promise<Run> {
  const experiment = await tracked.client.getExperimentByName('busy');
  const experimentIds = [experiment?.experimentId ?? ''];
  const { items } = await tracked.client.searchRuns({ experimentIds, filter: `attributes.run_name = '${name}'` });
  expect(items).toHaveLength(1);
  return tracked.client.getRun(items[0]?.info.runId ?? '');
}

/** The server has what the folder has, each value once; returns the values by key. */
async function expectOnServer(run: Run, directory: string): Promise<Record<string, number[]>> {
  const logged = samples(directory);
  const values: Record<string, number[]> = {};
  for (const key of new Set(logged.map((sample) => sample.key))) {
    const history = await tracked.client.metricHistory(run.info.runId, key);
    const wanted = logged.filter((sample) => sample.key === key).map(({ step, value }) => ({ step, value }));
    expect(history.map(({ step, value }) => ({ step, value }))).toEqual(wanted);
    values[key] = wanted.map(({ value }) => value);
  }
  return values;
}

test('a container in its limits is sampled through the death of its agent and a resumption, each value once', async () => {
  await requireDocker();
  project = await gitProject('busy', { baseImage: await testBaseImage() });
  const running = start('limited', ['--engine', 'docker', '--memory', '256m', '--cpus', '0.5']);
  const directory = await directoryOf(running);
  await untilStep(directory, 1);
  for (const pid of agentProcesses(directory)) process.kill(pid, 'SIGKILL');
  await running.until('takes the run over');
  const atDeath = samples(directory).at(-1)?.step ?? 0;
  await untilStep(directory, atDeath + 1);
  tell('fail');
  expect((await running.ended).exitCode).toBe(1);

  const first = samples(directory).at(-1)?.step ?? 0;
  rmSync(tracked.folder.join('fail'));
  const resumed = startSlipway(['run', '--resume', 'limited', '--storage', tracked.folder.path], {
    environment: { MLFLOW_TRACKING_URI: tracked.server.uri },
  });
  await untilStep(directory, first + (isForDocuments ? 20 : 2));
  tell('end');
  const end = await resumed.ended;
  expect(end.exitCode, end.stderr).toBe(0);

  const run = await runOf('limited');
  const values = await expectOnServer(run, directory);
  const steps = [...new Set(samples(directory).map(({ step }) => step))];
  expect(steps).toEqual(steps.map((_, index) => index));
  expect(steps.length).toBeGreaterThan(first + 2);
  const [cpu, memory, share] = [
    'cpu_utilization_percentage',
    'system_memory_usage_megabytes',
    'system_memory_usage_percentage',
  ].map((key) => values[`system/${key}`] as number[]);
  // One busy processor is more than its limit of a half.
  expect(Math.max(...(cpu as number[]))).toBeGreaterThan(50);
  expect(Math.max(...(cpu as number[]))).toBeLessThanOrEqual(100);
  expect(Math.max(...(memory as number[]))).toBeGreaterThan(104);
  expect(Math.max(...(memory as number[]))).toBeLessThan(256 * 1.048576);
  expect(share?.at(-1)).toBeCloseTo(((memory?.at(-1) as number) / (256 * 1.048576)) * 100, 0);
  expect(values['system/disk_available_megabytes']?.[0]).toBeGreaterThan(0);
  expect(Object.keys(values).filter((key) => key.startsWith('system/gpu'))).toEqual([]);
});

describe('on the host', () => {
  test('the GPUs that the program sees are sampled, and nothing of the machine stands among the results', async () => {
    project ??= await gitProject('busy', { baseImage: await testBaseImage() });
    const programs = tracked.folder.join('programs');
    mkdirSync(programs);
    const lines = ['0, GPU-a, 11, 512, 24576, 60.5, 350.00, 41', '1, GPU-b, 93, 21000, 24576, 340.1, 350.00, 71'];
    writeFileSync(join(programs, 'nvidia-smi'), `#!/bin/sh\n${lines.map((line) => `echo '${line}'`).join('\n')}\n`);
    chmodSync(join(programs, 'nvidia-smi'), 0o755);
    const path = [programs, process.env.PATH].join(delimiter);
    const running = start('seen', ['--engine', 'host'], { PATH: path, CUDA_VISIBLE_DEVICES: '1' });
    const directory = await directoryOf(running);
    await untilStep(directory, 3);
    tell('end');
    const end = await running.ended;
    expect(end.exitCode, end.stderr).toBe(0);

    const run = await runOf('seen');
    const values = await expectOnServer(run, directory);
    expect(
      Object.keys(values)
        .filter((key) => key.includes('gpu'))
        .sort(),
    ).toEqual([
      'system/gpu_1_memory_usage_megabytes',
      'system/gpu_1_memory_usage_percentage',
      'system/gpu_1_power_usage_percentage',
      'system/gpu_1_power_usage_watts',
      'system/gpu_1_temperature_celsius',
      'system/gpu_1_utilization_percentage',
    ]);
    expect(values['system/gpu_1_utilization_percentage']?.[0]).toBe(93);
    expect(Math.max(...(values['system/cpu_utilization_percentage'] ?? []))).toBeGreaterThan(0);
    expect(Math.max(...(values['system/system_memory_usage_megabytes'] ?? []))).toBeGreaterThan(104);

    const events = jsonEvents(end.stdout);
    expect(events.filter(({ type }) => type === 'metric').map(({ key }) => key)).toEqual(['loss', 'loss']);
    expect(events.find(({ type }) => type === 'result')).toMatchObject({ result: { metrics: { loss: 0.5 } } });
    const words = ['runs', 'show', run.info.runId, '--storage', tracked.folder.path, '--json'];
    const shown = await slipway(words, { environment: { MLFLOW_TRACKING_URI: tracked.server.uri } });
    expect(shown.exitCode, shown.stderr).toBe(0);
    expect(Object.keys((JSON.parse(shown.stdout) as { metrics: object }).metrics)).toEqual(['loss']);
    const experiment = await tracked.client.getExperiment(run.info.experimentId);
    expect(JSON.stringify(experiment.tags)).not.toContain('system/');
  });

  test("they are charts of MLflow's page of system metrics", async () => {
    const browser = await openBrowser();
    try {
      const { info } = await runOf(isForDocuments ? 'limited' : 'seen');
      const address = new URL(runUrl(tracked.server.uri, info.experimentId, info.runId));
      address.hash = address.hash.replace(info.runId, `${info.runId}/system-metrics`);
      const page = await visit(browser, address.href, {
        height: isForDocuments ? 1300 : 2400,
        shows: [
          '(system/cpu_utilization_percentage)',
          '(system/system_memory_usage_percentage)',
          ...(isForDocuments ? [] : ['(system/gpu_1_temperature_celsius)']),
        ],
      });
      const folder = isForDocuments ? join(checkout, 'docs', 'images') : tracked.folder.path;
      await page.screenshot({ path: join(folder, 'system-metrics.png') });
    } finally {
      await browser.close();
    }
  });
});
