import type { RecordedRun } from '../../../src/history/index.ts';
import type { Run } from '../../../src/mlflow/index.ts';

/** A run as the server's API gives it; what a test is about is given, the rest is plain. */
export function serverRun(change: {
  readonly info?: Partial<Run['info']>;
  readonly params?: Readonly<Record<string, string>>;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly tags?: Readonly<Record<string, string>>;
}): Run {
  const metrics = change.metrics ?? {};
  return {
    info: {
      runId: 'c05c2f263a3b4143ad6fc4adc5d26958',
      experimentId: '2',
      runName: 'noble-whale-234',
      status: 'FINISHED',
      startTimeMs: 1_000_000,
      endTimeMs: 1_003_700,
      artifactUri: 'mlflow-artifacts:/2/c05c/artifacts',
      lifecycleStage: 'active',
      ...change.info,
    },
    data: {
      params: change.params ?? {},
      metrics,
      latestMetrics: Object.entries(metrics).map(([key, value]) => ({ key, value, step: 3, timestampMs: 1 })),
      tags: change.tags ?? {},
    },
    inputs: { datasets: [], models: [] },
    outputs: { models: [] },
  };
}

/** A run as people look back at it. */
export function recordedRun(change: Partial<RecordedRun> = {}): RecordedRun {
  return {
    runName: 'noble-whale-234',
    mlflowRunId: 'c05c2f263a3b4143ad6fc4adc5d26958',
    runId: '20261125-203934-cje0',
    experimentId: '2',
    status: 'FINISHED',
    isDeleted: false,
    reason: null,
    diverged: null,
    startedAtMs: 1_000_000,
    endedAtMs: 1_003_700,
    durationMs: 3700,
    metrics: {},
    parameters: {},
    source: {
      commit: 'b7ffa8cea4a21237da00af751c7aaf97a94c7030',
      branch: 'main',
      isDirty: false,
      repositoryUrl: null,
      name: '/nowhere/cells',
      entryPoint: 'main',
    },
    owner: 'ada',
    host: 'box-3',
    engine: 'docker',
    gpus: null,
    image: 'malaria:b7ffa8cea4a2',
    url: 'http://mlflow.example/#/experiments/2/runs/c05c2f263a3b4143ad6fc4adc5d26958',
    ...change,
  };
}
