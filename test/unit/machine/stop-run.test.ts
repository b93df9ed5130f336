import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { acquireControlSocket } from '../../../src/agent/control-socket.ts';
import { CannotWriteError } from '../../../src/errors.ts';
import type { PlannedRun } from '../../../src/machine/find-own-run.ts';
import { type StopOptions, stopRun } from '../../../src/machine/stop-run.ts';
import { makeRunFolders, writePlan, writeState } from '../../../src/runs/index.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';
import { storedRun } from './stored.ts';

const options: StopOptions = {
  ...{ how: 'polite', graceMs: null, by: 'by alice with slipway stop', environment: {} },
  signal: new AbortController().signal,
  onNotice: () => {},
};

let storage: TemporaryDirectory;
let run: PlannedRun;
beforeEach(async () => {
  storage = await temporaryDirectory();
  const stored = storedRun('20260102-030405-abcd', { state: { state: 'running', exitCode: null } }, storage.path);
  run = { ...stored, plan: stored.plan! };
  await makeRunFolders(run.paths);
  await writePlan(run.paths.directory, run.plan);
  await writeState(run.paths.directory, run.state!);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await storage.remove();
});

test('a run whose folder was removed has no agent to stop it: that is told, and the folder is not made again', async () => {
  rmSync(run.paths.directory, { recursive: true });
  await expect(stopRun(run, options)).rejects.toThrow(CannotWriteError);
  expect(existsSync(run.paths.directory)).toBe(false);
});

test('the waiting for an agent that takes no request has an end, which says where to look', async () => {
  const agent = await acquireControlSocket(run.paths.directory, () => {});
  writeFileSync(join(run.paths.directory, 'control.token'), 'of-another-agent');
  let nowMs = performance.now();
  vi.spyOn(performance, 'now').mockImplementation(() => {
    nowMs += 20_000;
    return nowMs;
  });
  const error = await stopRun(run, options).catch((reason: unknown) => reason);
  await agent?.close();
  expect(error).toMatchObject({ message: expect.stringContaining('No agent of the run 20260102-030405-abcd') });
  expect(error).toMatchObject({ hint: expect.stringContaining('slipway logs --agent 20260102-030405-abcd') });
});
