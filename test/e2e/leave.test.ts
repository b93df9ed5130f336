import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentProcesses } from '../support/agent-processes.ts';
import {
  type GitProject,
  gitProject,
  slipway,
  startSlipway,
  type TemporaryDirectory,
  temporaryDirectory,
} from '../support/index.ts';
import { slipwayInTerminal } from '../support/pty.ts';

let project: GitProject;
let folder: TemporaryDirectory;

beforeAll(async () => {
  project = await gitProject('echo');
  folder = await temporaryDirectory();
});

afterAll(async () => {
  await project?.[Symbol.asyncDispose]();
  await folder?.remove();
});

const options = (name: string): string[] => [
  '--engine',
  'host',
  '--storage',
  folder.path,
  '--offline',
  '--run-name',
  name,
];
const sleepWords = (name: string): string[] => ['run', project.path, '-e', 'sleep', ...options(name)];

/** The state of the newest run. */
async function stateOf(name: string): Promise<string> {
  const { stdout } = await slipway(['ps', '--all', '--json', '--storage', folder.path]);
  const runs = JSON.parse(stdout) as { runName: string; state: string }[];
  return runs.find(({ runName }) => runName === name)?.state ?? 'gone';
}

async function stop(name: string): Promise<void> {
  expect(await slipway(['stop', name, '--storage', folder.path])).toMatchObject({ exitCode: 0 });
}

describe('a run that is watched in a terminal', () => {
  it.each([
    ['Ctrl-\\', '\u001c', 131],
    ['closing it', null, null],
  ])('goes on after %s, and is shown again as if it had not been left', async (_, keys, exitCode) => {
    const name = `left by ${keys === null ? 'closing' : 'a key'}`;
    const left = await slipwayInTerminal(sleepWords(name), { columns: 100, typed: [['started', keys]] });
    expect(left.written).toContain('Ctrl-C stops the run; Ctrl-\\ leaves it running.');
    if (exitCode !== null) {
      expect(left.exitCode).toBe(exitCode);
      expect(left.screen.lines.join('\n')).toContain('The run goes on.');
    }
    expect(await stateOf(name)).toBe('running');

    const again = await slipwayInTerminal(['attach', name, '--storage', folder.path], {
      columns: 100,
      typed: [['started', '\u0003']],
    });
    expect(again.exitCode).toBe(130);
    const shown = again.screen.lines.join('\n');
    for (const told of [`run ${name}`, 'program started', 'started', 'stopping', 'KILLED'])
      expect(shown).toContain(told);
  });
});

describe('a run whose launcher gets a signal', () => {
  it.each(['SIGHUP', 'SIGQUIT', 'SIGKILL'] as const)('goes on after %s', async (signal) => {
    const running = startSlipway(sleepWords(`after ${signal}`));
    await running.until('started');
    running.child.kill(signal);
    await running.ended;
    expect(await stateOf(`after ${signal}`)).toBe('running');
    await stop(`after ${signal}`);
  });
});

describe('slipway run --detach', () => {
  it('answers with the id alone as soon as an agent has the run, and the run comes to its end', async () => {
    const launched = await slipway(['run', '-d', project.path, '-e', 'log', '-P', 'values=400', ...options('alone')]);
    expect(launched).toMatchObject({ exitCode: 0 });
    expect(launched.stdout).toMatch(/^\d{8}-\d{6}-[0-9a-z]{4}\n$/);
    for (const verb of ['attach', 'logs -f', 'stop']) expect(launched.stderr).toContain(`slipway ${verb}`);
    const attached = await slipway(['attach', launched.stdout.trim(), '--storage', folder.path]);
    expect(attached).toMatchObject({ exitCode: 0 });
    expect(attached.stdout).toContain('FINISHED');
    expect(attached.stderr).toContain('run alone');
    // Of a long past the last part is shown, and where the rest is.
    const past = await slipway(['attach', launched.stdout.trim(), '--storage', folder.path]);
    expect(past.stderr).toMatch(/… \d+ earlier lines of output: `.*slipway logs /);
    expect(past.stderr).toContain('step 400');
    expect(past.stderr).not.toMatch(/^step 100$/m);
    expect(past.stderr).toContain('run alone');
  });

  it('has answered when the run is begun: an agent that dies then is replaced by the next command', async () => {
    const launched = await slipway(['run', '-d', ...sleepWords('at once').slice(1)]);
    const runId = launched.stdout.trim();
    for (const pid of agentProcesses(runId)) process.kill(pid, 'SIGKILL');
    const listed = await slipway(['ps', '--storage', folder.path]);
    expect(listed.stderr).toContain(`Runs whose agent was gone go on with a new one: ${runId}`);
    const followed = startSlipway(['logs', '-f', runId, '--storage', folder.path]);
    await followed.until('started');
    await stop('at once');
    await followed.ended;
  });

  it('finds all that is wrong before it has launched anything', async () => {
    const before = readdirSync(join(folder.path, 'runs')).length;
    const end = await slipway(['run', '--detach', project.path, '-e', 'no-such', ...options('wrong')]);
    expect(end).toMatchObject({ exitCode: 64, stdout: '' });
    expect(readdirSync(join(folder.path, 'runs'))).toHaveLength(before);
  });
});
