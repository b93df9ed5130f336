import { existsSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { rmAction } from '../../../src/commands/rm-action.ts';
import { makeRunFolders, writePlan, writeState } from '../../../src/runs/index.ts';
import { temporaryDirectory } from '../../support/index.ts';
import { storedRun } from '../machine/stored.ts';

afterEach(() => vi.restoreAllMocks());

test('a run that is named twice, by its id and by its name, is removed once', async () => {
  await using storage = await temporaryDirectory();
  const { runId, paths, plan, state } = storedRun('20260102-030405-abcd', {}, storage.path);
  await makeRunFolders(paths);
  await writePlan(paths.directory, plan!);
  await writeState(paths.directory, state!);
  let written = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
  const given = { runs: [runId, plan!.runName], storage: storage.path, json: true };
  const environment = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };
  expect(await rmAction(given, environment, new AbortController().signal)).toBe(0);
  expect(JSON.parse(written)).toHaveLength(1);
  expect(existsSync(paths.directory)).toBe(false);
});
