import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { DockerEngine } from '../../../src/docker/index.ts';
import { MlflowClient } from '../../../src/mlflow/index.ts';
import {
  type EnsureTrackingServerOptions,
  ensureTrackingServer,
  type ReadyTrackingServer,
  stopTrackingServer,
  type TrackingServer,
} from '../../../src/tracking/index.ts';
import { pythonPath, type TemporaryDirectory, temporaryDirectory, typeScriptProgram } from '../../support/index.ts';

/** A storage folder whose server is stopped when the scope ends. */
export interface TrackingStorage extends AsyncDisposable {
  readonly directory: TemporaryDirectory;
  /** What the server told while it started. */
  readonly notices: string[];
  ensure(options?: Partial<EnsureTrackingServerOptions>): Promise<ReadyTrackingServer>;
  /** The same from a process of its own; the error's name and message where it fails. */
  ensureElsewhere(how?: {
    readonly uid?: number;
    readonly prefer?: 'docker' | 'python';
  }): Promise<ReadyTrackingServer & { name?: string; message?: string }>;
  stop(): Promise<boolean>;
}

/** Makes a storage whose server comes from the tests' Python, unless an engine is given. */
export async function trackingStorage(docker: DockerEngine | null = null): Promise<TrackingStorage> {
  const python = await pythonPath();
  const directory = await temporaryDirectory('slipway-storage-');
  const environment = { ...process.env, SLIPWAY_MLFLOW_PYTHON: python };
  const notices: string[] = [];
  const stop = () => stopTrackingServer({ storageDirectory: directory.path, environment, docker });
  return {
    directory,
    notices,
    ensure: (options) =>
      ensureTrackingServer({
        storageDirectory: directory.path,
        prefer: docker === null ? 'python' : 'docker',
        docker,
        environment,
        onProgress: () => undefined,
        onNotice: (notice) => notices.push(notice),
        ...options,
      }),
    ensureElsewhere: async ({ uid, prefer = 'python' } = {}) => {
      const program = resolve(import.meta.dirname, '../../fixtures/tracking/ensure.ts');
      const child = spawn(process.execPath, [...typeScriptProgram(program), directory.path, prefer], {
        env: environment,
        stdio: ['ignore', 'pipe', 'inherit'],
        uid,
      });
      const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
      return JSON.parse(output);
    },
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await directory.remove();
    },
  };
}

/** Logs a run with a metric and an artifact, and returns its id. */
export async function logRun(server: TrackingServer, name: string): Promise<string> {
  const client = new MlflowClient({ trackingUri: server.uri, environment: {} });
  const experiment = await client.ensureExperiment('kept');
  const run = await client.createRun({
    experimentId: typeof experiment === 'string' ? experiment : experiment.experimentId,
    runName: name,
    startTimeMs: Date.now(),
    tags: {},
  });
  const { runId } = run.info;
  await client.logBatch(runId, { metrics: [{ key: 'loss', value: 0.25, step: 1, timestampMs: Date.now() }] });
  const answer = await fetch(artifactUrl(server, run.info.artifactUri), { method: 'PUT', body: `notes of ${name}` });
  if (!answer.ok) throw new Error(`the artifact was answered with ${answer.status}`);
  return runId;
}

/** What `logRun` logged, as the server tells it now. */
export async function readRun(server: TrackingServer, runId: string): Promise<{ loss?: number; notes: string }> {
  const client = new MlflowClient({ trackingUri: server.uri, environment: {} });
  const run = await client.getRun(runId);
  const answer = await fetch(artifactUrl(server, run.info.artifactUri));
  return { loss: run.data.metrics.loss, notes: await answer.text() };
}

function artifactUrl(server: TrackingServer, artifactUri: string): string {
  const path = artifactUri.replace(/^mlflow-artifacts:\/*/, '');
  return `${server.uri}/api/2.0/mlflow-artifacts/artifacts/${path}/notes.txt`;
}
