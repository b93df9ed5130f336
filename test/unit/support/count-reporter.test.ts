import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const checkout = resolve(import.meta.dirname, '../../..');
const fixtures = resolve(checkout, 'test/fixtures/reporter');

/** Runs vitest on some of the fixtures, with the reporter under test. */
async function runFixtures(...names: string[]): Promise<{ exitCode: number; lines: string[] }> {
  const vitest = resolve(checkout, 'node_modules/vitest/vitest.mjs');
  const configuration = resolve(fixtures, 'vitest.config.ts');
  const child = spawn(process.execPath, [vitest, 'run', '--config', configuration, ...names], {
    cwd: fixtures,
    // Without the variables by which vitest tells its own workers.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [exitCode] = (await once(child, 'close')) as [number];
  expect(output.endsWith('\n')).toBe(true);
  return { exitCode, lines: output.slice(0, -1).split('\n') };
}

describe('the count reporter', { timeout: 60_000 }, () => {
  it('ends with the counts alone on the last line', async () => {
    const { exitCode, lines } = await runFixtures('passing');
    expect(lines.at(-1)).toBe('2 passed, 0 failed, 0 skipped');
    expect(exitCode).toBe(0);
  });

  it('counts a failed test and exits non-zero', async () => {
    const { exitCode, lines } = await runFixtures('passing', 'failing');
    expect(lines.at(-1)).toBe('2 passed, 1 failed, 0 skipped');
    expect(exitCode).toBe(1);
  });

  it('prints the reason of every skipped test, wherever the skip was said', async () => {
    const { exitCode, lines } = await runFixtures('skipped');
    expect(lines.at(-1)).toBe('1 passed, 0 failed, 5 skipped');
    expect(lines.filter((line) => line.startsWith('skipped: '))).toEqual([
      'skipped: skipped.test.ts > needs a thing: the thing is missing',
      'skipped: skipped.test.ts > a suite that needs a thing > is never run: no thing for the suite',
      'skipped: skipped.test.ts > a suite that needs a thing > with a suite inside > is never run either: no thing for the suite',
      'skipped: skipped.test.ts > a suite whose tests each need a thing > is not run: no thing for the test',
      'skipped: skipped.test.ts > says nothing: no reason given',
    ]);
    expect(exitCode).toBe(0);
  });

  it('counts a file that cannot be loaded as failed', async () => {
    const { exitCode, lines } = await runFixtures('passing', 'unloadable');
    expect(lines.at(-1)).toBe('2 passed, 1 failed, 0 skipped');
    expect(exitCode).toBe(1);
  });

  it('counts a suite that cannot be set up as failed and its tests as skipped for that', async () => {
    const { exitCode, lines } = await runFixtures('broken-suite');
    expect(lines.at(-1)).toBe('0 passed, 1 failed, 1 skipped');
    expect(lines).toContain('skipped: broken-suite.test.ts > a suite > is never run: its suite failed');
    expect(exitCode).toBe(1);
  });

  it('counts an unhandled error as failed', async () => {
    const { exitCode, lines } = await runFixtures('unhandled');
    expect(lines.at(-1)).toBe('1 passed, 1 failed, 0 skipped');
    expect(exitCode).toBe(1);
  });

  it('counts a run without any test as failed', async () => {
    const { exitCode, lines } = await runFixtures('no-such-file');
    expect(lines.at(-1)).toBe('0 passed, 1 failed, 0 skipped');
    expect(exitCode).toBe(1);
  });
});
