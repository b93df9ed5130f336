import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testBaseImage } from '../support/base-image.ts';
import { type CountingSocket, countingSocket } from '../support/counting-socket.ts';
import {
  type GitProject,
  gitProject,
  type MlflowServer,
  requireDocker,
  skip,
  startMlflow,
  startSlipway,
  type TemporaryDirectory,
  temporaryDirectory,
} from '../support/index.ts';
import { watchMemory } from '../support/peak-memory.ts';

const engineSocket = '/var/run/docker.sock';
const gibibyte = 1024 ** 3;

let server: MlflowServer;
let folder: TemporaryDirectory;
let socket: CountingSocket;
let project: GitProject;

interface Cost {
  readonly sentBytes: number;
  /** Peaks in MiB. */
  readonly memory: Readonly<Record<string, number>>;
  readonly stderr: string;
}

beforeAll(async () => {
  if (process.env.DOCKER_HOST) skip('DOCKER_HOST names an engine; this test stands before the usual socket');
  await requireDocker();
  server = await startMlflow();
  folder = await temporaryDirectory();
  socket = await countingSocket(engineSocket, folder);
  project = await gitProject('echo', { baseImage: await testBaseImage() });
  writeFileSync(join(project.path, '.gitignore'), 'data/\n*.bin\n');
  project.git('add', '--all');
});

afterAll(async () => {
  await socket?.[Symbol.asyncDispose]();
  await project?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  await folder?.remove();
});

/** Launches the code as a new commit, so that an image is built, and tells what that took. */
async function launch(name: string): Promise<Cost> {
  project.git('commit', '--quiet', '--allow-empty', '--message', name);
  const before = socket.sentBytes();
  const words = ['run', project.path, '--engine', 'docker', '--storage', folder.join('storage'), '--run-name', name];
  const running = startSlipway(words, {
    environment: { DOCKER_HOST: `unix://${socket.path}`, MLFLOW_TRACKING_URI: server.uri },
  });
  const watch = watchMemory(running.child.pid ?? 0, (commandLine) =>
    / agent /.test(commandLine) ? 'agent' : / run \//.test(commandLine) ? 'launcher' : null,
  );
  const end = await running.ended;
  const memory = watch.stop();
  expect(end).toMatchObject({ exitCode: 0 });
  expect(end.stderr).not.toMatch(/image \S+ +reused/);
  return { sentBytes: socket.sentBytes() - before, memory, stderr: end.stderr };
}

function grow(path: string): void {
  writeFileSync(join(project.path, path), '');
  truncateSync(join(project.path, path), gibibyte);
}

describe('a gigabyte that git ignores, beside the code', () => {
  it('changes neither what the engine is sent nor the memory that a launch takes', async () => {
    const without = await launch('without');
    grow('weights.bin');
    const with_ = await launch('with');
    expect(without.sentBytes).toBeGreaterThan(1000);
    expect(without.sentBytes).toBeLessThan(1_000_000);
    // Commit ids, names and the log's polling differ; the context does not.
    expect(Math.abs(with_.sentBytes - without.sentBytes)).toBeLessThan(20_000);
    expect(Object.keys(without.memory).sort()).toEqual(['agent', 'launcher']);
    for (const who of ['agent', 'launcher']) {
      expect(without.memory[who]).toBeGreaterThan(20);
      expect((with_.memory[who] ?? Number.NaN) - (without.memory[who] ?? Number.NaN), who).toBeLessThan(64);
    }
    expect(with_.stderr).not.toContain('weights.bin');
  });

  it('and one that git would take, but is too large, stays out and is named', async () => {
    grow('checkpoint.dat');
    const cost = await launch('untracked');
    expect(cost.sentBytes).toBeLessThan(1_000_000);
    expect(cost.stderr).toMatch(/Not in the image: checkpoint\.dat|Left out .*checkpoint\.dat/);
    expect(cost.memory.agent).toBeLessThan(300);
  });
});
