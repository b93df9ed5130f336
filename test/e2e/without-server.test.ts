import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MlflowClient } from '../../src/mlflow/index.ts';
import {
  type GitProject,
  gitProject,
  type MlflowServer,
  type SlipwayEnd,
  slipway,
  startMlflow,
  type TemporaryDirectory,
  temporaryDirectory,
} from '../support/index.ts';
import { recordedArtifacts, recordedMetrics, recordedRun } from '../support/recorded-run.ts';

let folder: TemporaryDirectory;
let project: GitProject;
let bare: Record<string, string>;

beforeAll(async () => {
  folder = await temporaryDirectory();
  project = await gitProject('echo');
  bare = { PATH: programsWithoutPython(folder.join('bin')), DOCKER_HOST: 'unix:///nowhere/docker.sock' };
});

afterAll(async () => {
  await project?.[Symbol.asyncDispose]();
  await folder?.remove();
});

/** A machine without Python: a folder with links to every program of this one but that. */
function programsWithoutPython(bin: string): string {
  mkdirSync(bin);
  const linked = new Set<string>();
  for (const directory of ['/usr/local/bin', '/usr/bin', '/bin']) {
    for (const name of readdirSync(directory)) {
      if (linked.has(name) || /^(python|pip|pyenv|uv|conda|mlflow|docker)/.test(name)) continue;
      linked.add(name);
      symlinkSync(join(directory, name), join(bin, name));
    }
  }
  return bin;
}

function launch(runName: string, ...words: string[]): Promise<SlipwayEnd> {
  const always = ['run', project.path, '--engine', 'host', '--storage', folder.join('storage')];
  return slipway([...always, '--run-name', runName, ...words], { environment: bare });
}

const sync = (run: string, environment: Record<string, string>): Promise<SlipwayEnd> =>
  slipway(['sync', run, '--storage', folder.join('storage')], { environment: { ...bare, ...environment } });

describe('a machine with neither an engine nor Python', () => {
  let server: MlflowServer;
  let client: MlflowClient;

  beforeAll(async () => {
    server = await startMlflow();
    client = new MlflowClient({ trackingUri: server.uri, environment: {} });
  });

  afterAll(async () => {
    await client?.close();
    await server?.[Symbol.asyncDispose]();
  });

  it('records a run in its run log, says how it is carried to a server, and that carries everything once', async () => {
    const end = await launch('offline', '-e', 'log', '-P', 'values=12');
    expect(end.stderr + end.stdout).toMatch(/slipway sync \d{8}-\d{6}-[0-9a-z]{4}/);
    expect(end.stdout).toMatch(/^FINISHED/);
    expect(end).toMatchObject({ exitCode: 0 });
    const runId = /slipway sync ([\w-]+)/.exec(end.stderr + end.stdout)?.[1] ?? '';

    const carried = await sync(runId, { MLFLOW_TRACKING_URI: server.uri });
    expect(carried).toMatchObject({ exitCode: 0 });
    expect(carried.stdout).toContain(server.uri);
    // Once more: there is nothing left to send.
    expect(await sync('offline', { MLFLOW_TRACKING_URI: server.uri })).toMatchObject({ exitCode: 0 });

    const run = await recordedRun(client, 'echo', 'offline');
    expect(run.info.status).toBe('FINISHED');
    expect(run.data.params).toEqual({ values: '12' });
    expect(run.data.tags).toMatchObject({ 'slipway.id': runId, 'mlflow.source.git.commit': project.commit });
    expect(run.data.tags['mlflow.note.content']).toContain(project.commit.slice(0, 12));
    const { value } = await recordedMetrics(client, run);
    expect(value?.map(({ step }) => step)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    expect(await recordedArtifacts(client, run)).toContain('logs/stdout.log');
  });

  it('keeps the failure of a run, too', async () => {
    const end = await launch('offline-failing', '-e', 'fail');
    expect(end.exitCode).toBe(3);
    await sync('offline-failing', { MLFLOW_TRACKING_URI: server.uri });
    const run = await recordedRun(client, 'echo', 'offline-failing');
    expect(run.info.status).toBe('FAILED');
    expect(run.data.tags['slipway.reason']).toContain('exited with code 3');
  });

  it('says, where sync is given no server either, that the run is still here alone', async () => {
    await launch('stays');
    const end = await sync('stays', {});
    expect(end.stderr + end.stdout).toContain('MLFLOW_TRACKING_URI');
    await expect(recordedRun(client, 'echo', 'stays')).rejects.toThrow('0 runs');
  });
});
