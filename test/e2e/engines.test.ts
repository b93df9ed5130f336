import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cellImageFiles, writeZip } from '../support/cell-images.ts';
import {
  type GitProject,
  gitProject,
  keptOutput,
  requireDocker,
  skip,
  slipway,
  type TemporaryDirectory,
  temporaryDirectory,
} from '../support/index.ts';
import { recordedMetrics, recordedRun } from '../support/recorded-run.ts';
import { quietTensorFlow } from '../support/tensorflow.ts';
import { TrackedFolder } from '../support/tracked-folder.ts';

const checkout = resolve(import.meta.dirname, '../..');

let tracked: TrackedFolder;

beforeAll(async () => {
  tracked = await TrackedFolder.open();
});

afterAll(async () => {
  await tracked?.[Symbol.asyncDispose]();
});

describe('a training on the host', () => {
  it('says what is lost, reads /storage from the storage folder, and is recorded as typed', async () => {
    try {
      quietTensorFlow();
    } catch (error) {
      skip(`TensorFlow is not ready on this machine: ${String(error)}`);
    }
    await writeZip(tracked.folder.join('cell_images.zip'), cellImageFiles({ patients: 10, cells: 2 }));
    const parameters = ['data=/storage/cell_images.zip', 'epochs=2', 'convolutions=1', 'image_size=12'];
    const end = await slipway(
      [
        ...['run', checkout, '--engine', 'host', '--storage', tracked.folder.path],
        ...['--run-name', 'on-host', '--experiment-name', 'hosts'],
        ...parameters.flatMap((text) => ['-P', text]),
      ],
      { environment: { MLFLOW_TRACKING_URI: tracked.server.uri, DOCKER_HOST: 'unix:///nowhere/docker.sock' } },
    );
    expect(end.stderr).toMatch(/--engine host.*What that loses: .*no image.*all rights of your user/);
    expect(end).toMatchObject({ exitCode: 0 });
    expect(end.stdout).toMatch(/^FINISHED/);
    expect(end.stdout).toContain('malaria version 1');
    const run = await recordedRun(tracked.client, 'hosts', 'on-host');
    expect(run.info.status).toBe('FINISHED');
    expect(run.data.params).toMatchObject({ data: '/storage/cell_images.zip', image_size: '12' });
    expect(run.data.tags).toMatchObject({ 'mlflow.project.env': 'system', 'slipway.engine': 'host' });
    expect(Object.keys(run.data.tags).filter((key) => /docker|param_conflict/.test(key))).toEqual([]);
    const metrics = await recordedMetrics(tracked.client, run);
    expect(metrics.val_auc?.map(({ step }) => step)).toEqual([1, 2]);
    expect(run.inputs.datasets.map(({ dataset }) => dataset.name)).toContain('malaria-cells-test');
    const test = run.inputs.datasets.find(({ dataset }) => dataset.name === 'malaria-cells-test');
    expect(test?.dataset.source).toContain(tracked.folder.join('cell_images.zip'));
  });
});

describe('a user whom the Docker socket refuses', () => {
  const nobody = 65_534;
  let project: GitProject;
  let home: TemporaryDirectory;

  beforeAll(async () => {
    if (process.getuid?.() !== 0) skip('only root can act as another user');
    await requireDocker();
    home = await temporaryDirectory();
    project = await gitProject('echo');
    for (const folder of [home.path, dirname(project.path), project.path]) chmodSync(folder, 0o755);
    mkdirSync(home.join('storage'));
    for (const folder of [home.path, home.join('storage')]) chownSync(folder, nobody, nobody);
    const { exitCode } = await launch('--help');
    if (exitCode !== 0) skip('another user cannot read this checkout');
  });

  afterAll(async () => {
    await project?.[Symbol.asyncDispose]();
    await home?.remove();
  });

  const launch = (...words: string[]) =>
    slipway(['run', project.path, '--storage', home.join('storage'), ...words], {
      uid: nobody,
      environment: {
        HOME: home.path,
        XDG_RUNTIME_DIR: undefined,
        DOCKER_HOST: undefined,
        DOCKER_CONFIG: undefined,
        MLFLOW_TRACKING_URI: tracked.server.uri,
        // The project belongs to another user, which git asks about.
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
      },
    });

  it('is told so, and how to change it, where Docker was asked for', async () => {
    const end = await launch('--engine', 'docker');
    expect(end.stderr).toMatch(/docker\.sock refuses this user: permission on its socket is denied/);
    expect(end.stderr).toMatch(/usermod -aG docker/);
    expect(end.stderr).not.toMatch(/^\s+at /m);
    expect(end.exitCode).toBe(69);
  });

  it('gets a run on the host with that said loudly, and files that are their own', async () => {
    const end = await launch('--run-name', 'nobody', '-P', 'text=from the host');
    expect(end.stderr).toMatch(/refuses this user.*directly on this machine instead.*What that loses/);
    expect(end).toMatchObject({ exitCode: 0 });
    const run = await recordedRun(tracked.client, 'echo', 'nobody');
    expect(run.info.status).toBe('FINISHED');
    expect(run.data.tags['slipway.engine']).toBe('host');
    const directory = join(home.join('storage'), 'runs', run.data.tags['slipway.id'] ?? '');
    expect(keptOutput(join(directory, 'logs'), 'stdout').toString()).toBe('from the host\n');
  });
});

describe('an engine that someone named', () => {
  it('is never passed over in silence', async () => {
    await using project = await gitProject('echo');
    const end = await slipway(['run', project.path, '--storage', tracked.folder.path], {
      environment: { DOCKER_HOST: 'unix:///nowhere/docker.sock', MLFLOW_TRACKING_URI: tracked.server.uri },
    });
    expect(end.stderr).toContain('/nowhere/docker.sock');
    expect(end.exitCode).toBe(69);
  });
});
