import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { textWidth } from '../../src/report/text-width.ts';
import {
  type GitProject,
  gitProject,
  jsonEvents,
  type MlflowServer,
  slipway,
  startMlflow,
  type TemporaryDirectory,
  temporaryDirectory,
} from '../support/index.ts';
import { plainEnvironment } from '../support/plain-environment.ts';
import { slipwayInTerminal } from '../support/pty.ts';

let server: MlflowServer;
let project: GitProject;
let storage: TemporaryDirectory;

beforeAll(async () => {
  server = await startMlflow({ auth: true });
  storage = await temporaryDirectory();
  project = await gitProject('echo');
});

afterAll(async () => {
  await project?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  await storage?.[Symbol.asyncDispose]();
});

const environment = (more: Readonly<Record<string, string>> = {}) => ({
  MLFLOW_TRACKING_URI: server.uri,
  MLFLOW_TRACKING_USERNAME: server.login!.username,
  MLFLOW_TRACKING_PASSWORD: server.login!.password,
  ...more,
});
const runWords = (...words: string[]) => ['run', '.', '--storage', storage.path, '--engine', 'host', ...words];
const launch = (...words: string[]) => slipway(runWords(...words), { cwd: project.path, environment: environment() });

describe('a run in a terminal', () => {
  test('leaves no trace of its live area where it is resized, and keeps to the width it has', async () => {
    const { exitCode, screen, written } = await slipwayInTerminal(
      runWords('-e', 'log', '-P', 'values=30', '--run-name', 'resized', '--env', 'STEP_SECONDS'),
      {
        columns: 100,
        cwd: project.path,
        environment: environment({ STEP_SECONDS: '0.1' }),
        resizes: [
          ['step 5', 60],
          ['step 12', 40],
          ['step 20', 120],
        ],
      },
    );
    expect(exitCode).toBe(0);
    expect(written.match(/\0\d+/g)).toHaveLength(3);
    const { lines } = screen;
    // What the program said stands there once, in order, and nothing of the spinner is left.
    expect(lines.filter((line) => /^step \d+$/.test(line))).toEqual(
      Array.from({ length: 30 }, (_, index) => `step ${index + 1}`),
    );
    expect(lines.filter((line) => /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/.test(line))).toEqual([]);
    expect(screen.cursorVisible).toBe(true);
    // Rows of values, and their titles anew for each width.
    expect(lines.filter((line) => /^ *step +value$/.test(line)).length).toBeGreaterThanOrEqual(3);
    expect(lines.filter((line) => /^ +\d+ +\d+$/.test(line))).toHaveLength(30);
    expect(lines.at(-1)).toMatch(/^ {2}next .*slipway runs/);
  });

  test.each([60, 200])('fits %i columns, but for addresses and commands, which are never cut', async (columns) => {
    const { screen } = await slipwayInTerminal(runWords('-e', 'log', '--run-name', `wide-${columns}`), {
      columns,
      cwd: project.path,
      environment: environment(),
    });
    const words = screen.lines.filter((line) => !/https?:\/\/|slipway |\/runs\//.test(line));
    expect(words.filter((line) => textWidth(line) > columns)).toEqual([]);
    expect(screen.lines.join('\n')).toMatch(/FINISHED after[\s\S]*history value ▁▅█ {2}1 → best 3 \(step 3\)/);
  });

  test('has no colours with NO_COLOR, and only ASCII of our own where the locale has no more', async () => {
    const { screen, written } = await slipwayInTerminal(runWords('--run-name', 'plain'), {
      columns: 80,
      cwd: project.path,
      environment: environment({ NO_COLOR: '1', LC_ALL: 'C' }),
    });
    expect(written).not.toMatch(/\u001b\[[\d;]*m/);
    expect(screen.lines.join('\n')).toMatch(/^\+ program started/m);
    // A program that needs nothing made ready has no step that says so.
    expect(screen.lines.join('\n')).not.toMatch(/^\+ (host|TensorFlow)/m);
    expect(written).not.toMatch(/[^\x00-\x7f]/);
  });

  test('leads to its pages by hyperlinks where the terminal knows them', async () => {
    const { screen, written } = await slipwayInTerminal(runWords('--run-name', 'linked'), {
      columns: 60,
      cwd: project.path,
      environment: environment({ FORCE_HYPERLINK: '1' }),
    });
    expect(written).toContain(`\u001b]8;;${server.uri}/#/experiments/`);
    expect(screen.lines.join('\n')).toContain('  compare table of runs · charts');
    expect(screen.lines.join('\n')).not.toContain('/#/');
  });
});

describe('how much a run says', () => {
  test('is little with --quiet: warnings and the result', async () => {
    const end = await launch('--quiet', '--run-name', 'quiet');
    expect(end.stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(/^! warning: .*--engine host/)]);
    expect(end.stdout).toMatch(/^FINISHED after/);
    expect(end.stdout).not.toContain('next');
  });

  test('is more with --verbose: how the program is started, with the names of its variables alone', async () => {
    const end = await launch('--verbose', '--run-name', 'verbose');
    expect(end.stderr).toMatch(/^ {2}Process of this user in /m);
    expect(end.stderr).toMatch(/^ {2}Variables beside those of this shell: .*MLFLOW_RUN_ID/m);
    expect(end.stderr).not.toContain('/api/2.0/mlflow/');
    expect((await launch('--run-name', 'normal')).stderr).not.toContain('Process of this user');
  });

  test('is most with --debug: every request of its agent, here and in its log, and no secret anywhere', async () => {
    const end = await launch('--debug', '--run-name', 'debug', '--json');
    const events = jsonEvents(end.stdout);
    const requests = events.filter(({ type }) => type === 'debug').map((event) => String(event.text));
    expect(requests).toContainEqual(expect.stringMatching(/^POST \/api\/2\.0\/mlflow\/runs\/create {2}200 {2}\d+ ms/));
    expect(requests).toContainEqual(expect.stringMatching(/^PUT .*\/logs\/stdout\.log {2}200/));
    const directory = (events.at(-1) as { result: { runDirectory: string } }).result.runDirectory;
    const log = readFileSync(join(directory, 'logs', 'agent.log'), 'utf8');
    expect(log).toContain('"type":"debug"');
    const { username, password } = server.login!;
    const encoded = Buffer.from(`${username}:${password}`).toString('base64');
    for (const secret of [password, encoded]) expect(end.stdout + end.stderr + log).not.toContain(secret);
    const quiet = await launch('--run-name', 'not-debugged', '--json');
    expect(jsonEvents(quiet.stdout).map(({ type }) => type)).not.toContain('debug');
  });
});

describe('output that nobody reads to its end', () => {
  /** Runs the command line with its output cut off after so many bytes; what it told elsewhere, and its exit code. */
  async function cutOff(words: readonly string[], streams: 'stdout' | 'both') {
    const program = [resolve(import.meta.dirname, '../../bin/slipway'), ...words];
    const child = spawn(process.execPath, program, {
      cwd: project.path,
      env: plainEnvironment(environment()),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const closed = streams === 'both' ? [child.stdout, child.stderr] : [child.stdout];
    for (const stream of closed) stream.once('data', () => stream.destroy());
    const [stderr] = await Promise.all([streams === 'both' ? '' : text(child.stderr), once(child, 'exit')]);
    return { exitCode: child.exitCode, stderr };
  }

  test.each(['stdout', 'both'] as const)('changes nothing of a run: %s closed', async (streams) => {
    const name = `cut-${streams}`;
    const end = await cutOff(runWords('-e', 'log', '-P', 'values=20', '--run-name', name, '--json'), streams);
    expect(end.exitCode).toBe(0);
    expect(end.stderr).toBe('');
    expect((await cutOff(runWords('-e', 'fail', '--run-name', `${name}-failing`), streams)).exitCode).toBe(3);
    const shown = await slipway(['runs', 'show', name, '--json'], { cwd: project.path, environment: environment() });
    expect(JSON.parse(shown.stdout)).toMatchObject({ run: { status: 'FINISHED', metrics: { value: 20 } } });
  });

  test('is no error of a list, and a full disk is one', async () => {
    expect(await cutOff(['runs', '--json'], 'stdout')).toEqual({ exitCode: 0, stderr: '' });
    const full = spawn('sh', ['-c', `exec "${process.execPath}" "$0" runs >/dev/full`, resolve('bin/slipway')], {
      cwd: project.path,
      env: plainEnvironment(environment()),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    expect(await text(full.stderr)).toMatch(/^✗ Standard output could not be written: ENOSPC/);
    expect(full.exitCode ?? (await once(full, 'exit'))[0]).toBe(73);
  });
});
