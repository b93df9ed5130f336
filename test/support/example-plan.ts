import { userInfo } from 'node:os';
import type { RunPlan } from '../../src/runs/plan.ts';

export interface ExamplePlanOptions {
  readonly runId?: string;
  readonly projectDirectory: string;
  readonly storageDirectory: string;
  readonly command?: string;
  readonly engine?: RunPlan['engine'];
  readonly dockerImage?: string | null;
  readonly base?: string;
  readonly reference?: string;
  readonly volumes?: readonly string[];
  readonly gpus?: string | null;
  readonly memoryMiB?: number | null;
  readonly treeHash?: string | null;
  readonly commit?: string | null;
  readonly uid?: number;
}

/** A complete plan of a small run; what a test is about is given, the rest is plain. */
export function examplePlan(options: ExamplePlanOptions): RunPlan {
  const { uid, gid, username } = userInfo();
  return {
    version: 1,
    runId: options.runId ?? '20260102-030405-test',
    runName: 'example',
    createdAtMs: 1_767_322_845_000,
    attempt: 1,
    resumedAtMs: null,
    logStarts: {},
    owner: { uid: options.uid ?? uid, gid: options.uid ?? gid, name: username },
    host: { name: 'test', machineId: 'test' },
    project: {
      name: 'example',
      directory: options.projectDirectory,
      uri: options.projectDirectory,
      version: null,
      entryPoint: 'main',
      command: options.command ?? 'true',
      dockerImage: options.dockerImage ?? null,
      volumes: [...(options.volumes ?? [])],
      environment: {},
      primaryMetric: null,
    },
    parameters: {},
    source: {
      commit: options.commit ?? null,
      branch: null,
      repositoryUrl: null,
      dirty: false,
      treeHash: options.treeHash ?? null,
    },
    engine: options.engine ?? 'docker',
    gpus: options.gpus ?? null,
    image: {
      reference: options.reference ?? 'slipway-test-example:one',
      base: options.base ?? options.dockerImage ?? 'node:24-slim',
      flavor: options.gpus ? 'gpu' : 'cpu',
    },
    tracking: { uri: null, experimentName: null, experimentId: null, restoreExperiment: false, offline: 'never' },
    registerModel: null,
    storage: { directory: options.storageDirectory },
    limits: { cpus: null, memoryMiB: options.memoryMiB ?? null, shmMiB: null, pids: 256 },
    passEnvironment: [],
    envFiles: {},
    secretFiles: {},
    tags: {},
    drainTimeoutMs: 60_000,
    stopGraceMs: 10_000,
    systemMetricsIntervalMs: 0,
  };
}
