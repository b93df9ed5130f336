import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { agentProcesses } from '../support/agent-processes.ts';
import { keptOutput, slipway, startSlipway } from '../support/index.ts';
import { TrackedProject } from '../support/tracked-project.ts';

let tracked: TrackedProject;

beforeAll(async () => {
  tracked = await TrackedProject.open('echo', 'docker');
});

afterAll(async () => {
  await tracked?.[Symbol.asyncDispose]();
});

/** Starts a run that logs 8 values, and gives the folder of its run as soon as that is there. */
async function startRun(name: string, entryPoint = 'log') {
  const before = new Set(runFolders());
  const values = entryPoint === 'log' ? ['-P', 'values=8', '--env', 'STEP_SECONDS'] : [];
  const running = startSlipway(
    ['run', tracked.project.path, '--storage', tracked.storage.path, '-e', entryPoint, '--run-name', name, ...values],
    { environment: { MLFLOW_TRACKING_URI: tracked.server.uri, STEP_SECONDS: '0.05' } },
  );
  const runId = await eventually(() => runFolders().find((folder) => !before.has(folder)));
  return { running, runId, directory: join(tracked.storage.path, 'runs', runId) };
}

function runFolders(): string[] {
  const folder = join(tracked.storage.path, 'runs');
  return existsSync(folder) ? readdirSync(folder) : [];
}

async function eventually<Value>(look: () => Value | undefined): Promise<Value> {
  for (;;) {
    const value = look();
    if (value !== undefined) return value;
    await new Promise((wake) => setTimeout(wake, 2));
  }
}

function journal(directory: string): string {
  const file = join(directory, 'logs', 'agent.log');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

async function killAgentAt(marker: string, run: { runId: string; directory: string }): Promise<void> {
  await eventually(() => (journal(run.directory).includes(marker) ? true : undefined));
  for (const pid of agentProcesses(run.directory)) process.kill(pid, 'SIGKILL');
}

const runsNamed = async (name: string) => {
  const experiment = await tracked.client.getExperimentByName('echo');
  const experimentIds = [experiment?.experimentId ?? ''];
  return (await tracked.client.searchRuns({ experimentIds, filter: `attributes.run_name = '${name}'` })).items;
};

test.each([
  '"state":"preparing"',
  '"type":"registered"',
  '"state":"starting"',
  '"state":"running"',
  '"state":"draining"',
  '"type":"step-started","id":"drain"',
  '"type":"step-finished","id":"drain"',
  '"state":"finished"',
])('an agent killed at %s is replaced: one run, every value once, finished', async (marker) => {
  const name = `killed at ${marker.replaceAll(/[^a-z-]+/g, ' ').trim()}`;
  const run = await startRun(name);
  await killAgentAt(marker, run);
  const end = await run.running.ended;
  expect(end.exitCode).toBe(0);
  const runs = await runsNamed(name);
  expect(runs).toHaveLength(1);
  expect(runs[0]?.info.status).toBe('FINISHED');
  expect(runs[0]?.data.params).toEqual({ values: '8' });
  const history = await tracked.client.metricHistory(runs[0]?.info.runId ?? '', 'value');
  expect(history.map((point) => point.step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  const stdout = keptOutput(join(run.directory, 'logs'), 'stdout').toString();
  expect(stdout.trim().split('\n')).toHaveLength(8);
});

test('a run whose last word was lost is told again by attach', async () => {
  const run = await startRun('silent');
  await run.running.ended;
  const file = join(run.directory, 'logs', 'agent.log');
  const kept = journal(run.directory)
    .split('\n')
    .filter((line) => !line.includes('"type":"result"'));
  writeFileSync(file, kept.join('\n'));
  const attached = await slipway(['attach', 'silent', '--storage', tracked.storage.path]);
  expect(attached.exitCode).toBe(0);
  expect(attached.stdout).toContain('FINISHED');
});

test('Ctrl-C right after the start is not lost', async () => {
  const run = await startRun('early', 'sleep');
  run.running.child.kill('SIGINT');
  const end = await run.running.ended;
  expect(end.exitCode).toBe(130);
  const runs = await runsNamed('early');
  expect(runs.map(({ info }) => info.status).filter((status) => status !== 'KILLED')).toEqual([]);
});

test('an agent killed while it stops a run is replaced by one that lets the program end', async () => {
  const run = await startRun('stopping', 'stubborn');
  await run.running.until('started');
  run.running.child.kill('SIGINT');
  await killAgentAt('"state":"stopping"', run);
  await run.running.until('takes the run over');
  await new Promise((wake) => setTimeout(wake, 500));
  run.running.child.kill('SIGINT');
  const end = await run.running.ended;
  expect(end.exitCode).toBe(130);
  const [found] = await runsNamed('stopping');
  expect(found?.info.status).toBe('KILLED');
  const state = JSON.parse(readFileSync(join(run.directory, 'state.json'), 'utf8')) as { exitCode: number | null };
  expect(state.exitCode).not.toBeNull();
});
