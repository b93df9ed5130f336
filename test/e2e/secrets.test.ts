import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { agentProcesses } from '../support/agent-processes.ts';
import { testBaseImage } from '../support/base-image.ts';
import { slipway, startSlipway, type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';
import { CommandLines, filesWith, secretsInImage } from '../support/secret-traces.ts';
import { TrackedProject } from '../support/tracked-project.ts';

const named = 'named-token-k2v9';
const ofFile = 'file-token-w7x3';
const copied = 'copied-token-p5q1';
const ofKey = 'the key of the secret <&> z8';
const secrets = [named, ofFile, copied, ofKey];

let home: TemporaryDirectory;

let tracked: TrackedProject;

beforeAll(async () => {
  tracked = await TrackedProject.open('secrets', 'docker');
  home = await temporaryDirectory();
  writeFileSync(home.join('key'), `${ofKey}\n`, { mode: 0o600 });
});

afterAll(async () => {
  await home?.[Symbol.asyncDispose]();
  await tracked?.[Symbol.asyncDispose]();
});

const environment = () => ({ MLFLOW_TRACKING_URI: tracked.server.uri, NAMED_TOKEN: named, COPIED_TOKEN: copied });

const words = (...more: string[]): string[] => [
  ...['run', tracked.project.path, '--storage', tracked.storage.path, '--debug', '--json', '--env', 'NAMED_TOKEN'],
  ...['--env-file', home.join('variables.env'), '--secret', `key=${home.join('key')}`, ...more],
];

const writeVariables = () => {
  writeFileSync(home.join('variables.env'), `# of the test\nFILE_TOKEN=${ofFile}\nMODE=production\n`, { mode: 0o600 });
};

const runFolders = (): string[] => {
  const runs = join(tracked.storage.path, 'runs');
  return existsSync(runs) ? readdirSync(runs).map((name) => join(runs, name)) : [];
};

/** What the program itself writes into its run log is its own affair. */
const written = /\/events\/show\.ndjson$/;

const traces = () => [
  ...filesWith(tracked.storage.path, secrets, written),
  ...filesWith(tracked.server.directory, secrets, written),
];

test.each(['docker', 'host'] as const)('no secret of a run on %s is anywhere but in the program', async (engine) => {
  writeVariables();
  using commandLines = new CommandLines();
  const before = runFolders();
  const running = startSlipway(words('--engine', engine, '--run-name', engine), { environment: environment() });
  await running.until('"line":"ready"');
  const directory = runFolders().find((folder) => !before.includes(folder)) ?? '';
  if (engine === 'docker') {
    const filter = `label=slipway.run=${directory.split('/').at(-1)}`;
    const container = execFileSync('docker', ['ps', '-q', '--filter', filter], { encoding: 'utf8' }).trim();
    const show = (format: string) => execFileSync('docker', ['inspect', '-f', format, container], { encoding: 'utf8' });
    // The one place where variables stand, readable by those who may use the engine.
    expect(show('{{json .Config.Env}}')).toContain(`FILE_TOKEN=${ofFile}`);
    const [rest, mounts] = [
      show('{{json .Config.Labels}} {{json .Args}} {{json .HostConfig}}'),
      show('{{json .Mounts}}'),
    ];
    for (const secret of secrets) expect(rest + mounts).not.toContain(secret);
    expect(JSON.parse(mounts)).toContainEqual(
      expect.objectContaining({ Source: home.join('key'), Destination: '/run/secrets/key', RW: false }),
    );
  } else {
    expect(readdirSync(join(directory, 'secrets'))).toEqual(['key']);
  }
  // Whoever takes it over has none of the variables, and the file is gone.
  running.child.kill('SIGKILL');
  await running.ended;
  for (const pid of agentProcesses(directory)) process.kill(pid, 'SIGKILL');
  rmSync(home.join('variables.env'));
  const attached = startSlipway(['attach', engine, '--storage', tracked.storage.path, '--debug', '--json'], {
    environment: { MLFLOW_TRACKING_URI: tracked.server.uri },
  });
  await attached.until(/Masked in all[\s\S]*Masked in all/);
  writeFileSync(tracked.storage.join('go'), '');
  const end = await attached.ended;
  expect(end.exitCode).toBe(7);
  const shown = end.stdout + end.stderr + running.output().stdout + running.output().stderr;
  for (const secret of secrets) expect(shown).not.toContain(secret);
  expect(shown).toContain('the program exited with code 7: refused for ***');
  expect(shown).toContain('plain *** and mode production');
  expect(traces()).toEqual([]);
  for (const line of commandLines.all) for (const secret of secrets) expect(line).not.toContain(secret);
  expect(commandLines.all.some((line) => line.includes('slipway agent'))).toBe(true);
  if (engine === 'docker')
    expect(secretsInImage(`secrets:${tracked.project.commit.slice(0, 12)}`, secrets)).toEqual([]);
  else expect(existsSync(join(directory, 'secrets'))).toBe(false);
});

test('a build that fails and says a secret, and changes that hold one, are masked in all that is kept', async () => {
  writeVariables();
  const base = await testBaseImage();
  writeFileSync(
    join(tracked.project.path, 'Dockerfile'),
    `ARG BASE_IMAGE=${base}\nFROM \${BASE_IMAGE}\nRUN echo "no access with ${ofFile}" >&2; exit 9\n`,
  );
  try {
    const end = await slipway(words('--engine', 'docker', '--run-name', 'broken', '--base-image', base), {
      environment: environment(),
    });
    expect(end.exitCode).not.toBe(0);
    expect(end.stdout + end.stderr).toContain('no access with ***');
    expect(end.stdout + end.stderr).toContain("The project's files hold a secret");
    for (const secret of secrets) expect(end.stdout + end.stderr).not.toContain(secret);
    expect(traces()).toEqual([]);
    const patches = runFolders().map((folder) => join(folder, 'inputs', 'changes.patch'));
    const patch = patches.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8'));
    expect(patch.join('')).toContain('no access with ***');
  } finally {
    rmSync(join(tracked.project.path, 'Dockerfile'));
  }
});

test.each([
  [['--secret', 'key'], 'is not written as NAME=FILE'],
  [['--secret', '../key=/etc/hostname'], 'has the name ../key'],
  [['--secret', 'key=/nowhere'], 'The file of the secret key, /nowhere, cannot be read: it does not exist.'],
  [['--env-file', '/nowhere'], 'The file of --env-file /nowhere cannot be read: it does not exist.'],
])('%j is refused in one sentence, and nothing is made', async (more, message) => {
  const before = runFolders();
  const end = await slipway(
    ['run', tracked.project.path, '--storage', tracked.storage.path, '--engine', 'host', ...more],
    {
      environment: environment(),
    },
  );
  expect(end.exitCode).toBe(64);
  expect(end.stderr).toContain(message);
  expect(runFolders()).toEqual(before);
});
