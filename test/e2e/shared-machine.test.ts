import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MlflowClient } from '../../src/mlflow/index.ts';
import { agentProcesses } from '../support/agent-processes.ts';
import { testBaseImage } from '../support/base-image.ts';
import { freePort, gitProject, requireDocker, type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';
import { type OtherUser, otherUser } from '../support/other-user.ts';
import { pythonPath } from '../support/python.ts';
import { skip } from '../support/skip.ts';

const team = 52_000;
let folder: TemporaryDirectory;
let storage: string;
let ada: OtherUser;
let ben: OtherUser;
/** Not one of the team. */
let eve: OtherUser;
/** Ada's and Ben's copy of one project. */
let projects: readonly [string, string];

beforeAll(async () => {
  if (process.getuid?.() !== 0) skip('only root can be several users');
  await requireDocker();
  folder = await temporaryDirectory();
  chmodSync(folder.path, 0o755);
  storage = folder.join('team');
  mkdirSync(storage);
  chownSync(storage, 0, team);
  chmodSync(storage, 0o2775);
  const docker = statSync('/var/run/docker.sock').gid;
  const environment = { SLIPWAY_MLFLOW_PYTHON: await pythonOfAll(), SLIPWAY_STORAGE: storage };
  const user = (uid: number, groups: readonly number[]) =>
    otherUser({ uid, groups: [...groups, docker], below: folder.path, environment });
  [ada, ben, eve] = [user(52_001, [team]), user(52_002, [team]), user(52_003, [])];
  await using project = await gitProject('echo', { baseImage: await testBaseImage() });
  projects = [ada.own(project.path), ben.own(project.path)];
});

afterAll(async () => {
  if (folder === undefined) return;
  for (const user of [ada, ben]) await user?.slipway(['tracking', 'down']);
  await folder.remove();
});

/** A Python with MLflow that every user can run: the packages of the tests' own lie in root's home. */
async function pythonOfAll(): Promise<string> {
  const python = await pythonPath();
  const about = [
    '-c',
    'import sys, mlflow, os; print(*sys.version_info[:2]); print(os.path.dirname(os.path.dirname(mlflow.__file__)))',
  ];
  const [version = '', packages = ''] = execFileSync(python, about, { encoding: 'utf8' }).split('\n');
  const system = execFileSync('/usr/bin/python3', ['-c', 'import sys; print(*sys.version_info[:2])'], {
    encoding: 'utf8',
  });
  if (system.trim() !== version) skip(`/usr/bin/python3 is ${system.trim()}, and MLflow's Python ${version}`);
  execFileSync('cp', ['-a', '--link', packages, folder.join('packages')]);
  const program = folder.join('python');
  writeFileSync(program, `#!/bin/sh\nPYTHONPATH='${folder.join('packages')}' exec /usr/bin/python3 "$@"\n`);
  chmodSync(program, 0o755);
  return program;
}

const runFolders = () =>
  readdirSync(join(storage, 'runs'))
    .sort()
    .map((name) => join(storage, 'runs', name));
const words = (project: string, engine: string, name: string) => [
  ...['run', project, '--engine', engine, '-e', 'log', '-P', 'values=3', '--run-name', name],
];
const recorded = () =>
  JSON.parse(readFileSync(join(storage, 'mlflow', 'server.json'), 'utf8')) as { uri: string; owner: { uid: number } };

test('two users launch at once into one empty storage: one server, all values, and each has what is theirs', async () => {
  const ends = await Promise.all([
    ada.slipway(words(projects[0], 'host', 'first of ada'), { umask: '022' }),
    ben.slipway(words(projects[1], 'host', 'first of ben'), { umask: '077' }),
  ]);
  for (const { exitCode, stderr } of ends) expect(exitCode, stderr).toBe(0);
  const built = await ada.slipway(words(projects[0], 'docker', 'second of ada'), { umask: '077' });
  expect(built.exitCode, built.stderr).toBe(0);
  const reused = await ben.slipway(words(projects[1], 'docker', 'second of ben'), { umask: '002' });
  expect(reused.exitCode, reused.stderr).toBe(0);

  const client = new MlflowClient({ trackingUri: recorded().uri, environment: {} });
  const experiment = await client.getExperimentByName('echo');
  const { items } = await client.searchRuns({ experimentIds: [experiment?.experimentId ?? ''] });
  await client.close();
  expect(items.map(({ info }) => `${info.runName} ${info.status}`).sort()).toEqual(
    ['first of ada', 'first of ben', 'second of ada', 'second of ben'].map((name) => `${name} FINISHED`),
  );
  expect(items.map(({ data }) => data.metrics.value)).toEqual([3, 3, 3, 3]);
  // One commit, one image, whoever built it.
  expect(new Set(items.flatMap(({ data }) => data.tags['mlflow.docker.image.id'] ?? [])).size).toBe(1);
  const owners = runFolders().map((directory) => {
    const plan = JSON.parse(readFileSync(join(directory, 'plan.json'), 'utf8')) as { owner: { uid: number } };
    const files = readdirSync(join(directory, 'events')).map((name) => statSync(join(directory, 'events', name)).uid);
    expect(new Set([...files, statSync(directory).uid])).toEqual(new Set([plan.owner.uid]));
    return plan.owner.uid;
  });
  expect(owners.sort()).toEqual([ada.uid, ada.uid, ben.uid, ben.uid]);
}, 120_000);

test('whoever has started the server stops it, and the other goes on with its data', async () => {
  const [owner, other] = recorded().owner.uid === ada.uid ? [ada, ben] : [ben, ada];
  const refused = await other.slipway(['tracking', 'down']);
  expect(refused.exitCode).toBe(64);
  expect(refused.stderr).toContain(`is ${owner.uid}'s: only they, or root, can stop it.`);
  expect((await other.slipway(['tracking', 'status'])).exitCode).toBe(0);

  expect((await owner.slipway(['tracking', 'down'])).exitCode).toBe(0);
  const started = await other.slipway(['tracking', 'up', '--engine', 'host'], { umask: '077' });
  expect(started.exitCode, started.stderr).toBe(0);
  expect(recorded().owner.uid).toBe(other.uid);
  const listed = await owner.slipway(['runs', '--experiment', 'echo', '--json']);
  expect(listed.stdout).toContain('second of ben');
}, 120_000);

test("another's server that hangs is neither ended nor doubled", async () => {
  const { uri, owner } = recorded();
  const [theirs, mine] = owner.uid === ada.uid ? [ada, ben] : [ben, ada];
  // Where it is said to listen nobody answers, and its process lives.
  const record = join(storage, 'mlflow', 'server.json');
  const kept = readFileSync(record, 'utf8');
  const silent = `http://127.0.0.1:${await freePort()}`;
  writeFileSync(record, kept.replace(uri, silent));
  const refused = await mine.slipway(['tracking', 'up', '--engine', 'host']);
  expect(recorded().uri).toBe(silent);
  writeFileSync(record, kept);
  expect(refused.exitCode).toBe(69);
  expect(refused.stderr).toContain(`is ${theirs.uid}'s (process `);
  expect((await mine.slipway(['tracking', 'status'])).exitCode).toBe(0);
}, 60_000);

test("another's run can be looked at, and not stopped, taken over or removed; one that is closed says so", async () => {
  const launcher = ada.slipway(['run', projects[0], '--engine', 'host', '-e', 'sleep', '--run-name', 'long'], {
    umask: '002',
  });
  const isLong = (directory: string) => {
    try {
      return readFileSync(join(directory, 'logs', 'agent.log'), 'utf8').includes('"state":"running"');
    } catch {
      return false;
    }
  };
  let found: string | undefined;
  while (found === undefined) {
    await new Promise((wake) => setTimeout(wake, 50));
    found = runFolders().find(
      (each) => isLong(each) && !readFileSync(join(each, 'logs', 'agent.log'), 'utf8').includes('"type":"result"'),
    );
  }
  const directory = found;
  for (const verb of ['stop', 'attach', 'rm', 'sync']) {
    const refused = await ben.slipway([verb, 'long']);
    expect(refused.exitCode, `${verb}: ${refused.stderr}`).toBe(64);
    expect(refused.stderr).toContain(`belongs to ${ada.uid}: only they can`);
  }
  // Nobody else gives it another agent.
  const agents = agentProcesses(directory);
  expect(agents).toHaveLength(1);
  for (const pid of agents) process.kill(pid, 'SIGSTOP');
  expect((await ben.slipway(['ps'])).stdout).toContain('long');
  expect(agentProcesses(directory)).toEqual(agents);
  for (const pid of agents) process.kill(pid, 'SIGCONT');
  expect((await ben.slipway(['logs', 'first of ada'])).stdout).toContain('step 3');
  expect((await ada.slipway(['stop', 'long'])).exitCode).toBe(0);
  expect((await launcher).exitCode).toBe(143);

  const closed = runFolders().find((each) => (statSync(each).mode & 0o070) === 0 && statSync(each).uid === ben.uid);
  const refused = await ada.slipway(['logs', closed?.split('/').at(-1) ?? '']);
  expect(refused.exitCode).toBe(64);
  expect(refused.stderr).toContain("is another user's, who lets nobody else look into its folder.");
}, 120_000);

test('who is not of the group is told so in a sentence, and leaves nothing', async () => {
  const before = runFolders();
  const refused = await eve.slipway(words(eve.own(projects[0]), 'host', 'of eve'));
  expect(refused.exitCode).toBe(73);
  expect(refused.stderr).toContain(`The storage folder ${storage} cannot be written by this user (EACCES).`);
  expect(refused.stderr).toContain('It is kept by a group that you are not in');
  expect(runFolders()).toEqual(before);
});
