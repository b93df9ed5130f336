import { expect, test } from 'vitest';
import { drawPlan, type LaunchFacts } from '../../../src/launch/draw-plan.ts';
import type { LaunchRequest } from '../../../src/launch/request.ts';
import { planSchema } from '../../../src/runs/plan.ts';

const request: LaunchRequest = {
  project: '/projects/cells',
  version: null,
  entryPoint: 'main',
  parameters: [],
  configFile: null,
  runName: null,
  experimentName: null,
  experimentId: null,
  restoreExperiment: false,
  offline: 'never',
  engine: 'auto',
  gpus: null,
  storage: null,
  baseImage: null,
  registerModel: null,
  passEnvironment: [],
  envFiles: [],
  secretFiles: {},
  cpus: null,
  memoryMiB: null,
  shmMiB: null,
  pids: 4096,
  drainTimeoutMs: 60_000,
  stopGraceMs: 30_000,
  systemMetricsIntervalMs: 10_000,
};

const docker = {
  image: null,
  volumes: ['/data:/data:ro', '/storage:/storage', '/elsewhere:/storage/:rw'],
  environment: { FIXED: '1', COPIED: null },
  dockerfile: null,
  gpus: null,
};

const facts: LaunchFacts = {
  runId: '20261121-034512-k3f9',
  runName: 'swift-heron-417',
  createdAtMs: 1_795_233_912_000,
  owner: { uid: 1000, gid: 1000, name: 'ada' },
  host: { name: 'box', machineId: 'abc' },
  project: {
    directory: '/projects/cells',
    file: '/projects/cells/MLproject',
    name: 'cells',
    docker,
    entryPoints: {},
    strictParameters: true,
    projectName: null,
    registerModel: null,
    primaryMetric: null,
    warnings: [],
  },
  projectUri: '/projects/cells',
  parameters: {
    values: { data: '/real/x' },
    logged: { data: '/storage/x' },
    undeclared: [],
    defaulted: [],
    warnings: [],
  },
  command: 'node bin/train --data /real/x',
  configuredProjectName: null,
  source: {
    commit: 'a'.repeat(40),
    branch: 'main',
    repositoryUrl: null,
    dirty: false,
    topLevel: '/projects/cells',
    unversioned: null,
    changedFiles: 0,
  },
  treeHash: null,
  engine: 'docker',
  envFiles: { '/home/ada/variables.env': ['MODE'] },
  secretFiles: { token: '/home/ada/token' },
  storageDirectory: '/mnt/storage',
  imageReference: 'cells:aaaaaaaaaaaa',
  baseImage: 'node:24-slim',
  environment: {},
};

test('a plan is what its schema says, with parameters as typed', () => {
  const plan = drawPlan(request, facts);
  expect(planSchema.parse(plan)).toEqual(plan);
  expect(plan.parameters).toEqual({ data: '/storage/x' });
});

test("the storage takes the place of the MLproject's own /storage volumes", () => {
  expect(drawPlan(request, facts).project.volumes).toEqual(['/data:/data:ro']);
});

test.each([
  [{ experimentName: 'flag' }, {}, null, { experimentName: 'flag', experimentId: null }],
  [{ experimentId: '7' }, { MLFLOW_EXPERIMENT_NAME: 'variable' }, null, { experimentName: null, experimentId: '7' }],
  [{}, { MLFLOW_EXPERIMENT_NAME: 'variable' }, 'configured', { experimentName: 'variable', experimentId: null }],
  [{}, { MLFLOW_EXPERIMENT_ID: '9' }, null, { experimentName: null, experimentId: '9' }],
  [{}, {}, 'configured', { experimentName: 'configured', experimentId: null }],
  [{}, {}, null, { experimentName: 'cells', experimentId: null }],
])('the experiment of %j, %j and project_name %j is %j', (wish, environment, projectName, expected) => {
  const plan = drawPlan({ ...request, ...wish }, { ...facts, environment, project: { ...facts.project, projectName } });
  expect(plan.tracking).toMatchObject(expected);
});

test('the experiment of a configuration file comes before that of the MLproject, and after those that were named', () => {
  const project = { ...facts.project, projectName: 'of the MLproject' };
  const configured = { ...facts, project, configuredProjectName: 'of the file' };
  const nameOf = (wish: Partial<LaunchRequest>, environment = {}) =>
    drawPlan({ ...request, ...wish }, { ...configured, environment }).tracking.experimentName;
  expect(nameOf({})).toBe('of the file');
  expect(nameOf({ experimentName: 'flag' })).toBe('flag');
  expect(nameOf({ experimentId: '7' })).toBeNull();
  expect(nameOf({}, { MLFLOW_EXPERIMENT_NAME: 'variable' })).toBe('variable');
  expect(nameOf({}, { MLFLOW_EXPERIMENT_ID: '9' })).toBeNull();
});

test.each([
  [null, null, 'cells'],
  [null, 'other', 'other'],
  [null, false, null],
  ['named', false, 'named'],
  ['', 'other', null],
] as const)('--register-model %j with register_model %j registers %j', (flag, declared, expected) => {
  const project = { ...facts.project, registerModel: declared };
  expect(drawPlan({ ...request, registerModel: flag }, { ...facts, project }).registerModel).toBe(expected);
});

test('a project whose name is none for a model registers one that is', () => {
  const project = { ...facts.project, name: 'team/cells:v2' };
  expect(drawPlan(request, { ...facts, project }).registerModel).toBe('team-cells-v2');
});

test("no secret of the tracking server's address gets into the plan", () => {
  const environment = { MLFLOW_TRACKING_URI: 'https://ada:s3cret@mlflow.example/prefix/' };
  const plan = drawPlan(request, { ...facts, environment });
  expect(plan.tracking.uri).toBe('https://mlflow.example/prefix');
  expect(JSON.stringify(plan)).not.toContain('s3cret');
});

test('GPUs ask for the GPU flavour', () => {
  expect(drawPlan({ ...request, gpus: 'all' }, facts).image.flavor).toBe('gpu');
  expect(drawPlan(request, facts).image.flavor).toBe('cpu');
});
