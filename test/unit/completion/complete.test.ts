import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCommandLine, verbNames } from '../../../src/commands/index.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

const never = new AbortController().signal;
let storage: TemporaryDirectory;
let written = '';

beforeEach(async () => {
  storage = await temporaryDirectory();
  vi.stubEnv('SLIPWAY_STORAGE', storage.path);
  vi.stubEnv('XDG_STATE_HOME', storage.join('state'));
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await storage.remove();
});

/** What a shell is answered for a line; its last word is the one that is being typed. */
async function candidates(...words: string[]): Promise<string[]> {
  written = '';
  await createCommandLine({ politeStop: never, forcedStop: never }).run(['__complete', ...words]);
  return written
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t')[0] ?? '');
}

function makeRun(runId: string, runName: string): void {
  const directory = join(storage.path, 'runs', runId);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'plan.json'), JSON.stringify({ runName }));
}

describe('what may follow on a command line', () => {
  it('is a verb at its beginning', async () => {
    expect(await candidates('')).toEqual(verbNames);
    expect(await candidates('r')).toEqual(verbNames.filter((name) => name.startsWith('r')));
    expect(await candidates('--quiet', 'do')).toEqual(['doctor']);
  });

  it('is an option of the verb, with what all have', async () => {
    expect(await candidates('run', '--off')).toEqual(['--offline', '--offline-ok']);
    expect(await candidates('run', '.', '--', 'x')).toEqual([]);
    expect(await candidates('logs', '--ver')).toEqual(['--verbose']);
    expect(await candidates('runs', 'show', '--exp')).toEqual([]);
    expect(await candidates('runs', '--exp')).toEqual(['--experiment']);
  });

  it.each([
    [
      ['run', '--engine', ''],
      ['auto', 'docker', 'host'],
    ],
    [['run', '-b', 'd'], ['docker']],
    [['run', '--engine', '=', 'h'], ['host']],
    [
      ['run', '--engine', '='],
      ['auto', 'docker', 'host'],
    ],
    [['run', '--engine=d'], ['--engine=docker']],
    [
      ['tracking', ''],
      ['up', 'down', 'status'],
    ],
    [['runs', ''], ['show']],
    [['completion', 'z'], ['zsh']],
  ])('is a value where there is a choice: %j', async (words, values) => {
    expect(await candidates(...words)).toEqual(values);
  });

  it('is left to the shell where only the person knows, or files may stand', async () => {
    for (const words of [
      ['run', ''],
      ['run', '--run-name', ''],
      ['run', '--config', 'r'],
      ['init', 'c'],
    ]) {
      expect(await candidates(...words)).toEqual([]);
    }
  });

  it('is a run of this machine by its name, the newest first, or by its id, where a verb takes one', async () => {
    makeRun('20261121-000001-aaaa', 'swift-heron');
    makeRun('20261122-000001-bbbb', 'swan');
    makeRun('20261123-000001-cccc', 'has spaces; $(and more)');
    expect(await candidates('attach', '')).toEqual(['swan', 'swift-heron']);
    expect(await candidates('stop', 'swi')).toEqual(['swift-heron']);
    expect(await candidates('logs', '-f', '20261123')).toEqual(['20261123-000001-cccc']);
    expect(await candidates('run', '--resume', 'sw')).toEqual(['swan', 'swift-heron']);
    expect(await candidates('sync', 'swan', 'sw')).toEqual(['swift-heron']);
    expect(await candidates('attach', '--storage', '/nowhere', '')).toEqual([]);
    // As bash hands it, and as the other shells do.
    for (const words of [['--storage', '=', storage.path], [`--storage=${storage.path}`]]) {
      expect(await candidates('attach', ...words, 'swi')).toEqual(['swift-heron']);
    }
    expect(await candidates('attach', '--storage=/nowhere', '')).toEqual([]);
  });
});
