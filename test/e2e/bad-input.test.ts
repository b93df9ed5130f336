import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testBaseImage } from '../support/base-image.ts';
import {
  freePort,
  type GitProject,
  gitProject,
  requireDocker,
  type SlipwayEnd,
  slipway,
  startMlflow,
  type TemporaryDirectory,
  temporaryDirectory,
} from '../support/index.ts';

let project: GitProject;
let storage: TemporaryDirectory;

beforeAll(async () => {
  await requireDocker();
  storage = await temporaryDirectory();
  project = await gitProject('echo', { baseImage: await testBaseImage() });
});

afterAll(async () => {
  await project?.[Symbol.asyncDispose]();
  await storage?.[Symbol.asyncDispose]();
});

const launch = (words: readonly string[], environment: Record<string, string> = {}, directory = project.path) =>
  slipway(['run', directory, '--storage', storage.path, ...words], { environment });

/** One clear sentence and no stack trace; an exit code that is not 0. */
function expectSentence(end: SlipwayEnd, exitCode: number, ...patterns: RegExp[]): void {
  for (const pattern of patterns) expect(end.stderr + end.stdout).toMatch(pattern);
  expect(end.stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
  expect(end.exitCode).toBe(exitCode);
}

test('a repository without a commit', async () => {
  await using empty = await gitProject('echo', { committed: false });
  expectSentence(await launch([], {}, empty.path), 64, /has no commit yet/, /git commit/);
});

test('a folder without an MLproject', async () => {
  await using folder = await temporaryDirectory();
  expectSentence(await launch([], {}, folder.path), 64, /MLproject/, new RegExp(folder.path));
});

test('a folder that does not exist', async () => {
  expectSentence(await launch([], {}, '/does/not/exist'), 64, /\/does\/not\/exist/);
});

test('a malformed MLproject is told with line and column', async () => {
  await using folder = await temporaryDirectory();
  writeFileSync(join(folder.path, 'MLproject'), 'name: x\nentry_points:\n  main: {command: "a"\n');
  expectSentence(await launch([], {}, folder.path), 64, /MLproject.*\d+.*\d+/);
});

test('an entry point that does not exist', async () => {
  expectSentence(await launch(['-e', 'mian']), 64, /mian/, /main/);
});

test('a parameter of the wrong type', async () => {
  expectSentence(await launch(['-e', 'log', '-P', 'values=many']), 64, /values/, /whole number|integer/);
});

test('a parameter without a value', async () => {
  expectSentence(await launch(['-P', 'text']), 64, /text/, /=/);
});

test('a missing file below /storage names it as typed and where it was looked for', async () => {
  const end = await launch(['-P', 'text=/storage/nothing.zip']);
  expectSentence(end, 64, /\/storage\/nothing\.zip/, new RegExp(storage.path));
});

test('an option and a command that do not exist', async () => {
  expectSentence(await launch(['--experimnt-name', 'x']), 64, /experimnt-name/);
  expectSentence(await slipway(['rnu']), 64, /rnu|run/);
});

test('a storage that cannot be made', async () => {
  const end = await slipway(['run', project.path, '--storage', '/proc/slipway'], {});
  expectSentence(end, 73, /\/proc\/slipway/, /written/);
});

test('a storage without write permission', async () => {
  await using closed = await temporaryDirectory();
  const inner = join(closed.path, 'inner');
  mkdirSync(inner, { mode: 0o555 });
  const everyone = process.getuid?.() === 0 ? { uid: 65_534 } : {};
  for (const folder of [closed.path, dirname(project.path), project.path]) chmodSync(folder, 0o755);
  const end = await slipway(['run', project.path, '--storage', inner, '--engine', 'host'], {
    ...everyone,
    environment: {
      HOME: '/nonexistent',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
    },
  });
  expectSentence(end, 73, new RegExp(inner), /cannot be written/, /chown/);
});

test('a variable that --env names and that is not set', async () => {
  const port = await freePort();
  const end = await launch(['--env', 'SLIPWAY_TEST_UNSET'], { MLFLOW_TRACKING_URI: `http://127.0.0.1:${port}` });
  expectSentence(end, 64, /SLIPWAY_TEST_UNSET/);
});

describe('a tracking server', () => {
  test('that does not answer', async () => {
    const port = await freePort();
    const end = await launch([], { MLFLOW_TRACKING_URI: `http://127.0.0.1:${port}` });
    expectSentence(end, 69, new RegExp(`127\\.0\\.0\\.1:${port}`), /answer|refused/);
  });

  test('that is none', async () => {
    const other = createServer((_request, response) => response.end('<html>hello</html>'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const end = await launch([], { MLFLOW_TRACKING_URI: `http://127.0.0.1:${port}` });
    other.close();
    expectSentence(end, 69, /not .*MLflow/);
  });

  test('that asks for a login, and one that refuses it', async () => {
    await using server = await startMlflow({ auth: true });
    const without = await launch([], { MLFLOW_TRACKING_URI: server.uri });
    expectSentence(without, 69, /401/, /MLFLOW_TRACKING_USERNAME/);
    const secret = 'not-the-password-7f3a';
    const wrong = await launch([], {
      MLFLOW_TRACKING_URI: server.uri,
      MLFLOW_TRACKING_USERNAME: 'admin',
      MLFLOW_TRACKING_PASSWORD: secret,
    });
    expectSentence(wrong, 69, /401|403/);
    expect(wrong.stderr + wrong.stdout).not.toContain(secret);
  });

  test('whose address is no http address', async () => {
    expectSentence(await launch([], { MLFLOW_TRACKING_URI: 'sqlite:///mlflow.db' }), 64, /sqlite/);
  });

  test('that keeps artifacts where this client cannot write', async () => {
    await using server = await startMlflow({
      extraArguments: ['--no-serve-artifacts', '--default-artifact-root', 'wasbs://box@account.example/path'],
    });
    const end = await launch([], { MLFLOW_TRACKING_URI: server.uri });
    expectSentence(end, 64, /wasbs/);
  });
});

test('a program that exits before it logs anything shows its last lines', async () => {
  await using server = await startMlflow();
  const end = await launch(['-e', 'fail'], { MLFLOW_TRACKING_URI: server.uri });
  expectSentence(end, 3, /about to fail/, /reason +the program exited with code 3: about to fail\n/);
});

test('an engine that is asked for and refuses the socket', async () => {
  await using folder = await temporaryDirectory();
  const socket = join(folder.path, 'docker.sock');
  const end = await launch(['--engine', 'docker'], { DOCKER_HOST: `unix://${socket}` });
  expectSentence(end, 69, new RegExp(socket));
});

test('GPUs on an engine without a GPU runtime', async () => {
  await using server = await startMlflow();
  const end = await launch(['--gpus', 'all'], { MLFLOW_TRACKING_URI: server.uri });
  expectSentence(end, 69, /GPU/, /NVIDIA|nvidia/);
});

test('an image that does not build shows the step, its last lines and the cause', async () => {
  await using server = await startMlflow();
  await using broken = await gitProject('broken-build', { baseImage: await testBaseImage() });
  const end = await launch([], { MLFLOW_TRACKING_URI: server.uri }, broken.path);
  expectSentence(end, 1, /RUN .*exit 7/, /the compiler says no/, /FAILED/i);
});
