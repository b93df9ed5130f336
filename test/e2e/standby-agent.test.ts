import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { slipway, temporaryDirectory } from '../support/index.ts';

const program = resolve(import.meta.dirname, '../../bin/slipway');

test('an agent whose launch is given up ends without a word', async () => {
  const end = await slipway(['agent', '--standby']);
  expect(end).toEqual({ exitCode: 0, stdout: '', stderr: '' });
});

test('an agent takes only whole lines for its run', async () => {
  await using folder = await temporaryDirectory();
  const agent = spawn(process.execPath, [program, 'agent', '--standby'], { stdio: ['pipe', 'ignore', 'ignore'] });
  agent.stdin.end(folder.path);
  expect((await once(agent, 'exit'))[0]).toBe(0);
});

test('why an agent could not take its run stands in the run folder', async () => {
  await using folder = await temporaryDirectory();
  await mkdir(folder.join('logs'));
  const agent = spawn(process.execPath, [program, 'agent', '--standby'], { stdio: ['pipe', 'ignore', 'ignore'] });
  agent.stdin.end(`${folder.path}\n{}\n`);
  expect((await once(agent, 'exit'))[0]).not.toBe(0);
  expect(readFileSync(folder.join('logs', 'agent-crash.log'), 'utf8')).toContain('plan.json');
});
