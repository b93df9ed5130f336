import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { crashLogName, spawnAgent } from '../../../src/agent/spawn-agent.ts';
import { temporaryDirectory } from '../../support/index.ts';

const { execPath } = process;
afterEach(() => {
  process.execPath = execPath;
});

it('an agent that the machine cannot start has ended, for all who wait for that, and its log says why', async () => {
  await using run = await temporaryDirectory();
  process.execPath = run.join('no-node');
  const agent = spawnAgent(run.path, { variables: { NAME: 'value' } });
  const code = await new Promise((resolve) => agent.once('exit', resolve));
  expect(code).toBeNull();
  expect(readFileSync(run.join(crashLogName), 'utf8')).toMatch(/^The agent could not be started: spawn .*ENOENT/);
});
