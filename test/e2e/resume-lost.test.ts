import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { agentProcesses } from '../support/agent-processes.ts';
import { keptOutput, requireDocker, slipway, startSlipway } from '../support/index.ts';
import { type InterruptibleRun, killEverything, ResumableProject, resumableEpochs } from '../support/resumable.ts';

/** What a run was made of is gone when it is to go on: its container, its image, its place on the server. */

let resumable: ResumableProject;

beforeAll(async () => {
  await requireDocker();
  resumable = await ResumableProject.open();
});

afterAll(() => resumable?.[Symbol.asyncDispose]());

async function stoppedRun(name: string, engine: string): Promise<InterruptibleRun> {
  const run = await resumable.startRun(name, engine);
  run.running.child.kill('SIGINT');
  expect((await run.running.ended).exitCode).toBe(130);
  return run;
}

function imageOf({ directory }: InterruptibleRun): { name: string; id: string } {
  return JSON.parse(readFileSync(join(directory, 'state.json'), 'utf8')).image;
}

test('a run whose container was removed by somebody else goes on', async () => {
  const run = await resumable.startRun('no container', 'docker');
  await killEverything(run);
  execFileSync('docker', ['rm', '--force', `slipway-${basename(run.directory)}`], { stdio: 'ignore' });
  const end = await resumable.resume('no container');
  expect(end.exitCode).toBe(0);
  expect(await resumable.losses(await resumable.runOf('no container'))).toHaveLength(resumableEpochs);
  const kept = JSON.parse(readFileSync(join(run.directory, 'attempts', '1', 'state.json'), 'utf8'));
  expect(kept).toMatchObject({ state: 'failed', exitCode: null, reason: 'its program is gone' });
});

test('an image that is there is used whatever the folder holds; one that is gone is built from the same commit only', async () => {
  const run = await stoppedRun('image', 'docker');
  const other = await stoppedRun('other image', 'docker');
  const { project } = resumable;
  writeFileSync(join(project.path, 'train.sh'), 'echo another program\n');
  const onImage = await resumable.resume('image');
  expect(onImage.exitCode).toBe(0);
  expect(onImage.stderr).toContain('goes on after epoch');

  execFileSync('docker', ['rmi', '--force', imageOf(run).id], { stdio: 'ignore' });
  const refused = await resumable.resume('other image');
  project.git('checkout', '--quiet', '.');
  expect(refused.exitCode).toBe(64);
  expect(refused.stderr).toContain(`launched from commit ${project.commit.slice(0, 12)}, but ${project.path} is`);
  expect(refused.stderr).toContain('must be built again');

  const built = await resumable.resume('other image');
  expect(built.stderr).toContain('is gone, and is built again');
  expect(built.exitCode).toBe(0);
  expect(imageOf(other).name).toBe(imageOf(run).name);
  expect(await resumable.losses(await resumable.runOf('other image'))).toHaveLength(resumableEpochs);
});

test("somebody's note on the run stays, and a run that was deleted is not resumed", async () => {
  await stoppedRun('noted', 'host');
  const { runId } = (await resumable.runOf('noted')).info;
  await resumable.client.setTag(runId, 'mlflow.note.content', 'Mine.');
  await resumable.client.deleteRun(runId);
  const refused = await resumable.resume('noted', '--drain-timeout', '1');
  expect(refused.exitCode).toBe(64);
  expect(refused.stderr).toContain('The run noted was deleted on the tracking server');
  await resumable.client.restoreRun(runId);
  const end = await resumable.resume('noted');
  expect(end.exitCode).toBe(0);
  const run = await resumable.runOf('noted');
  expect(run.info.status).toBe('FINISHED');
  expect(run.data.tags['mlflow.note.content']).toBe('Mine.');
});

test('a run whose server is away fails at once, and goes on when it is back', async () => {
  await stoppedRun('away', 'host');
  await resumable.server.kill();
  const failed = await resumable.resume('away', '--drain-timeout', '1');
  expect(failed.exitCode).not.toBe(0);
  expect(failed.stderr).toContain('does not answer');
  await resumable.server.restart();
  const synced = await slipway(['sync', 'away', '--storage', resumable.storage.path]);
  expect(synced.exitCode).toBe(0);
  expect((await resumable.runOf('away')).info.status).toBe('FAILED');
  const end = await resumable.resume('away');
  expect(end.exitCode).toBe(0);
  const run = await resumable.runOf('away');
  expect(run.info.status).toBe('FINISHED');
  expect(run.data.tags['slipway.resumed']).toBe('2');
  expect(await resumable.losses(run)).toHaveLength(resumableEpochs);
});

test('two that resume one run at once make one attempt', async () => {
  const run = await stoppedRun('twice', 'host');
  const ends = await Promise.all([resumable.resume('twice'), resumable.resume('twice')]);
  expect(ends.map(({ exitCode }) => exitCode).sort()).toEqual([0, 64]);
  expect(JSON.parse(readFileSync(join(run.directory, 'state.json'), 'utf8')).attempt).toBe(2);
});

test.each(['Resumes ', '"state":"starting"', '"state":"draining"'])(
  'an agent of a resumed run that is killed at %s is replaced, and nothing is begun twice',
  async (marker) => {
    const name = `agent killed at ${marker.replaceAll(/[^a-zA-Z]+/g, ' ').trim()}`;
    const run = await stoppedRun(name, 'host');
    const journal = join(run.directory, 'logs', 'agent.log');
    const before = readFileSync(journal, 'utf8').length;
    const words = ['run', '--resume', name, '--storage', resumable.storage.path];
    const resumed = startSlipway(words, resumable.environment('0.05'));
    while (!readFileSync(journal, 'utf8').slice(before).includes(marker)) {
      await new Promise((wake) => setTimeout(wake, 2));
    }
    for (const pid of agentProcesses(run.directory)) process.kill(pid, 'SIGKILL');
    const end = await resumed.ended;
    expect(end.stderr).toContain('takes the run over');
    expect(end.exitCode).toBe(0);
    const found = await resumable.runOf(name);
    expect(found.info.status).toBe('FINISHED');
    expect(found.data.tags['slipway.resumed']).toBe('1');
    expect(await resumable.losses(found)).toHaveLength(resumableEpochs);
    const stdout = keptOutput(join(run.directory, 'logs'), 'stdout').toString();
    expect(stdout.match(/attempt 2/g)).toHaveLength(1);
    expect(stdout.match(/goes on after/g)).toHaveLength(1);
  },
);
