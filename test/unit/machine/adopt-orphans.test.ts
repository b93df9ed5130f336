import type { ChildProcess } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { adoptOrphans, isOrphan, missingVariables } from '../../../src/machine/adopt-orphans.ts';
import { makeRunFolders, writePlan } from '../../../src/runs/index.ts';
import { temporaryDirectory } from '../../support/index.ts';
import { storedRun } from './stored.ts';

test('a run that is over and settled needs no agent, however long ago that was; one that has something to send does', async () => {
  await using folder = await temporaryDirectory();
  const settled = storedRun('20260102-030405-test', {}, folder.path);
  await makeRunFolders(settled.paths);
  await writePlan(settled.paths.directory, settled.plan!);
  const options = { self: { uid: process.getuid?.() ?? 0, machineId: 'test' }, environment: {} };
  expect(await isOrphan(settled, options)).toBe(false);
  const unsent = storedRun('20260102-030405-test', { state: { statusSent: false, drained: false } }, folder.path);
  expect(await isOrphan(unsent, options)).toBe(true);
});

// No agent is let loose on a run of a test, but where that fails of itself.
vi.mock('../../../src/agent/index.ts', async (original) => {
  const real = await original<typeof import('../../../src/agent/index.ts')>();
  const spawnAgent: typeof real.spawnAgent = (directory, options) =>
    directory.endsWith('-bbbb') ? ({ unref: () => {} } as ChildProcess) : real.spawnAgent(directory, options);
  return { ...real, spawnAgent };
});

const self = { uid: process.getuid?.() ?? 0, machineId: 'test' };

test('a run that cannot be given an agent is told of, and keeps no other from it', async () => {
  await using folder = await temporaryDirectory();
  const state = { state: 'running', exitCode: null, statusSent: false } as const;
  const runs = ['20260102-030405-aaaa', '20260102-030405-bbbb'].map((id) => storedRun(id, { state }, folder.path));
  for (const { paths, plan } of runs) {
    await makeRunFolders(paths);
    await writePlan(paths.directory, plan!);
  }
  const [closed, open] = runs;
  // As on a disk that is full or read-only: what an agent would write to cannot be had.
  mkdirSync(join(closed!.paths.logs, 'agent-crash.log'));
  const problems: string[] = [];
  const onProblem = (text: string): void => void problems.push(text);
  const adopted = await adoptOrphans(runs, { self, environment: process.env, onProblem });
  expect(adopted).toEqual([open!.runId]);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(`Run ${closed!.runId} has lost its agent`);
});

test('a run that failed before its program began has its end told from any shell; one that is to begin waits for its variables', async () => {
  await using folder = await temporaryDirectory();
  const plan = { passEnvironment: ['TOKEN'] };
  const begun = { state: 'preparing', exitCode: null, statusSent: false } as const;
  const waiting = storedRun('20260102-030405-test', { plan, state: begun }, folder.path);
  await makeRunFolders(waiting.paths);
  await writePlan(waiting.paths.directory, waiting.plan!);
  expect(await isOrphan(waiting, { self, environment: {} })).toBe(false);
  expect(await isOrphan(waiting, { self, environment: { TOKEN: 'x' } })).toBe(true);
  const failed = { ...begun, state: 'draining', reason: 'its image could not be made' } as const;
  const over = storedRun('20260102-030405-test', { plan, state: failed }, folder.path);
  expect(await isOrphan(over, { self, environment: {} })).toBe(true);
});

test('what a file of variables copies from the shell is waited for as well', async () => {
  await using folder = await temporaryDirectory();
  const file = folder.join('cells.env');
  writeFileSync(file, 'GIVEN=1\nEMPTY=\nCOPIED\n');
  const { plan } = storedRun('20260102-030405-test', { plan: { envFiles: { [file]: ['GIVEN', 'EMPTY', 'COPIED'] } } });
  expect(missingVariables(plan!, {})).toEqual(['COPIED']);
  expect(missingVariables(plan!, { COPIED: 'x' })).toEqual([]);
  rmSync(file);
  expect(missingVariables(plan!, {})).toEqual([]);
});
