import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Run } from '../../src/mlflow/index.ts';
import { jsonEvents, keptOutput, requireDocker, slipway, startSlipway } from '../support/index.ts';
import { resumableEpochs as epochs, killEverything, killProgram, ResumableProject } from '../support/resumable.ts';

let resumable: ResumableProject;
/** The loss of each epoch of a run that nothing interrupts. */
let undisturbed: number[];

beforeAll(async () => {
  await requireDocker();
  resumable = await ResumableProject.open();
  const end = await slipway(resumable.launchWords('undisturbed', 'host'), resumable.environment('0'));
  expect(end.exitCode).toBe(0);
  undisturbed = await resumable.losses(await resumable.runOf('undisturbed'));
  expect(undisturbed).toHaveLength(epochs);
});

afterAll(() => resumable?.[Symbol.asyncDispose]());

/** Every number as in the undisturbed run, once, in one run that ended well. */
async function expectWhole(name: string, attempts: number): Promise<Run> {
  const run = await resumable.runOf(name);
  expect(run.info.status).toBe('FINISHED');
  expect(run.data.tags).toMatchObject({ 'slipway.resumed': String(attempts - 1) });
  expect(run.data.tags).not.toHaveProperty('slipway.reason');
  expect(await resumable.losses(run)).toEqual(undisturbed);
  expect(run.data.metrics.final).toBe(undisturbed.at(-1));
  expect(run.data.params).toEqual({ epochs: String(epochs), rate: '0.5' });
  return run;
}

function stateOf(directory: string): { attempt: number; reason: string | null; exitCode: number | null } {
  return JSON.parse(readFileSync(join(directory, 'state.json'), 'utf8'));
}

describe.each(['host', 'docker'])('on the engine %s', (engine) => {
  test('a run whose program was killed goes on in the same run, and its output is appended', async () => {
    const name = `program killed, ${engine}`;
    const { running, runId, directory } = await resumable.startRun(name, engine);
    killProgram(directory);
    const failed = await running.ended;
    expect(failed.exitCode).toBe(137);
    expect(failed.stdout).toContain(`run --resume ${runId}`);
    expect((await resumable.runOf(name)).info.status).toBe('FAILED');

    const end = await resumable.resume(name);
    expect(end.stderr).toContain(`Resumes ${name} (${runId}): attempt 2, recorded up to step `);
    expect(end.stderr).toMatch(/goes on after epoch \d/);
    expect(end.stderr).not.toContain('begins');
    expect(end.exitCode).toBe(0);
    const run = await expectWhole(name, 2);
    const stdout = keptOutput(join(directory, 'logs'), 'stdout').toString().split('\n').filter(Boolean);
    expect(stdout[0]).toBe('begins');
    expect(stdout.filter((line) => line.startsWith(`--- run ${runId}, attempt 2, `))).toHaveLength(1);
    expect(stdout.filter((line) => /^epoch \d$/.test(line))).toEqual(
      Array.from({ length: epochs }, (_, index) => `epoch ${index + 1}`),
    );
    expect(run.data.tags['mlflow.note.content']).toContain('Resumed once');
    expect(run.data.tags['mlflow.note.content']).toContain('FINISHED');
    expect(stateOf(join(directory, 'attempts', '1'))).toMatchObject({ attempt: 1, exitCode: 137 });
    expect(stateOf(directory)).toMatchObject({ attempt: 2, exitCode: 0 });

    const attached = await slipway(['attach', name, '--storage', resumable.storage.path, '--json']);
    const events = jsonEvents(attached.stdout);
    expect(events.filter(({ type }) => type === 'result')).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ result: { status: 'FINISHED', attempt: 2, reason: null } });
  });

  test('a run whose launcher, agent and program were killed at once goes on, however often', async () => {
    const name = `all killed, ${engine}`;
    const run = await resumable.startRun(name, engine);
    const { runId, directory } = run;
    await killEverything(run);

    const words = ['run', '--resume', runId, '--storage', resumable.storage.path];
    const second = startSlipway(words, resumable.environment('0.4'));
    await second.until('epoch 5');
    await killEverything({ ...run, running: second }, 2);
    // A line that a kill has torn in the middle.
    writeFileSync(join(directory, 'events', 'train.ndjson'), '{"v":1,"type":"met', { flag: 'a' });

    const end = await resumable.resume(runId.slice(0, 18));
    expect(end.exitCode).toBe(0);
    await expectWhole(name, 3);
    expect(readdirSync(join(directory, 'attempts')).sort()).toEqual(['1', '2']);
  });

  test('a run that was stopped by Ctrl-C goes on, and where it has ended only with more epochs', async () => {
    const name = `stopped, ${engine}`;
    const { running, runId } = await resumable.startRun(name, engine);
    running.child.kill('SIGINT');
    const stopped = await running.ended;
    expect(stopped.exitCode).toBe(130);
    expect(stopped.stdout).toContain(`run --resume ${runId}`);
    expect((await resumable.runOf(name)).info.status).toBe('KILLED');

    const end = await resumable.resume(name);
    expect(end.exitCode).toBe(0);
    await expectWhole(name, 2);

    const again = await resumable.resume(name);
    expect(again.exitCode).toBe(64);
    expect(again.stderr).toContain('has finished its 8 epochs');
    const more = await resumable.resume(name, '-P', 'epochs=10');
    expect(more.stderr).toContain('attempt 3');
    expect(more.exitCode).toBe(0);
    const run = await resumable.runOf(name);
    expect(run.info.status).toBe('FINISHED');
    expect((await resumable.losses(run)).slice(0, epochs)).toEqual(undisturbed);
    expect(await resumable.losses(run)).toHaveLength(10);
    expect(run.data.params.epochs).toBe('8');
    expect(run.data.tags).toMatchObject({ 'slipway.resumed': '2', 'slipway.param_conflict.epochs': '10' });
    const shown = await slipway(
      ['runs', 'show', name, '--storage', resumable.storage.path, '--json'],
      resumable.environment('0'),
    );
    expect(JSON.parse(shown.stdout).run.parameters.epochs).toBe('10');
  });
});

test('a run that goes on already is not resumed', async () => {
  const { running, runId } = await resumable.startRun('busy', 'host', { epochSeconds: '600', said: 'begins' });
  const end = await resumable.resume('busy');
  expect(end.exitCode).toBe(64);
  expect(end.stderr).toContain(`The run ${runId} cannot be resumed: it is running.`);
  expect(end.stderr).toContain(`slipway attach ${runId}`);
  running.child.kill('SIGINT');
  expect((await running.ended).exitCode).toBe(130);
});

test('on the host only the files that it was launched from go on', async () => {
  const { running } = await resumable.startRun('changed', 'host');
  running.child.kill('SIGINT');
  await running.ended;
  writeFileSync(join(resumable.project.path, 'new-file.txt'), 'not committed\n');
  const end = await resumable.resume('changed');
  resumable.project.git('clean', '-fdq');
  expect(end.exitCode).toBe(64);
  expect(end.stderr).toContain(`launched from commit ${resumable.project.commit.slice(0, 12)}, but`);
  expect(end.stderr).toMatch(/with changes \(files [0-9a-f]{12}\)/);
  expect((await resumable.resume('changed')).exitCode).toBe(0);
});

test('what decides a run cannot be changed, and a wrong wish leaves the run as it is', async () => {
  const { running, directory } = await resumable.startRun('fixed', 'host');
  running.child.kill('SIGINT');
  await running.ended;
  for (const [words, message] of [
    [['-P', 'rate=0.1'], 'Parameter rate is 0.1, but the run fixed has 0.5'],
    [['-P', 'epochs=8'], 'must be more than the 8 of the run fixed'],
    [['--engine', 'docker'], '--engine is docker, but the run fixed has host'],
    [['--gpus', 'all'], '--gpus is all, but the run fixed has none'],
  ] as const) {
    const end = await resumable.resume('fixed', ...words);
    expect(end.exitCode).toBe(64);
    expect(end.stderr).toContain(message);
  }
  expect(existsSync(join(directory, 'attempts'))).toBe(false);
});
