import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ExperimentPage } from '../../../src/agent/experiment-page.ts';
import { freshRecord, RunContext } from '../../../src/agent/run-context.ts';
import { ServerLink } from '../../../src/agent/server-link.ts';
import { StopRequests } from '../../../src/agent/stop-requests.ts';
import { UnavailableError } from '../../../src/errors.ts';
import { type Batch, MlflowApiError, type MlflowClient } from '../../../src/mlflow/index.ts';
import { RunLogAppender } from '../../../src/runlog/index.ts';
import { createRunDirectory, type RunRecord, writePlan, writeState } from '../../../src/runs/index.ts';
import { examplePlan } from '../../support/example-plan.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

let storage: TemporaryDirectory;
beforeEach(async () => {
  vi.stubEnv('SLIPWAY_SERVER_POLL_S', '0.1');
  storage = await temporaryDirectory();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
  await storage.remove();
});

const page = { close: () => {}, refresh: () => {}, sawMetric: () => {} } as unknown as ExperimentPage;

async function link(client: Partial<Record<keyof MlflowClient, unknown>>, record: Partial<RunRecord> = {}) {
  const { directory, runId } = await createRunDirectory(storage.path);
  await writePlan(directory, examplePlan({ runId, projectDirectory: '/p', storageDirectory: storage.path }));
  const onServer = { mlflowRunId: 'run', experimentId: '1', artifactUri: 'mlflow-artifacts:/1/run/artifacts' };
  await writeState(directory, { ...freshRecord, updatedAtMs: 1, state: 'running', ...onServer, ...record });
  const run = await RunContext.open(directory);
  const stop = new StopRequests();
  const made = new ServerLink(run, { trackingUri: 'http://x', ...client } as unknown as MlflowClient, page, stop);
  return { run, stop, link: made };
}

const stage = (lifecycleStage: string) => ({ info: { lifecycleStage }, data: { tags: {}, params: {} } });

it('a run that was missing and is there again, before it was made anew, gets its values', async () => {
  const steps: number[] = [];
  let looks = 0;
  const missing = new MlflowApiError('No such run.', {
    ...{ status: 404, errorCode: 'RESOURCE_DOES_NOT_EXIST', isRetryable: false, retryAfterMs: null },
  } as never);
  const client = {
    getRun: async () => {
      looks += 1;
      if (looks <= 2) throw missing;
      return stage('active');
    },
    serverVersion: async () => {
      throw new UnavailableError('away');
    },
    searchExperiments: async () => {
      throw new UnavailableError('away');
    },
    logBatch: async (_: string, { metrics = [] }: Batch) => void steps.push(...metrics.map(({ step }) => step)),
  };
  const { run, link: made } = await link(client);
  await made.carry();
  await vi.waitFor(() => expect(looks).toBeGreaterThan(2), { timeout: 15_000 });
  const log = RunLogAppender.open(run.paths.directory, 'trainer');
  log.metric('loss', 0.5, 1);
  log.close();
  await vi.waitFor(() => expect(steps).toEqual([1]), { timeout: 10_000 });
  await made.close();
}, 30_000);

it('a run that is still deleted is stopped by the agent that takes it over', async () => {
  const { stop, link: made } = await link({ getRun: async () => stage('deleted') }, { deletedAtMs: 5 });
  expect(await made.carry()).toBe(false);
  expect(stop.recorded).toMatchObject({
    stopRequested: 'polite',
    stopBy: 'because its run was deleted on the tracking server',
  });
  await made.close();
});
