import { mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { MlflowClient, runUrl } from '../../src/mlflow/index.ts';
import { openBrowser, visit } from '../support/browser.ts';
import { gitProject, startMlflow, startSlipway, temporaryDirectory } from '../support/index.ts';

/** Whether the picture that docs/lifecycle.md shows is to be made anew. */
const isForDocuments = Boolean(process.env.SLIPWAY_UPDATE_IMAGES);

test('the page of a run that was stopped by its tag shows the tag, the status and the reason', async () => {
  await using server = await startMlflow();
  await using storage = await temporaryDirectory();
  await using project = await gitProject('echo', {});
  const client = new MlflowClient({ trackingUri: server.uri, environment: {} });
  const words = ['run', project.path, '-e', 'sleep', '--engine', 'host', '--storage', storage.path];
  const running = startSlipway([...words, '--run-name', 'swift-heron-417'], {
    environment: { MLFLOW_TRACKING_URI: server.uri, SLIPWAY_SERVER_POLL_S: '0.5' },
  });
  await running.until('started');
  const experiment = await client.getExperimentByName('echo');
  const experimentId = experiment?.experimentId ?? '';
  const [run] = (await client.searchRuns({ experimentIds: [experimentId] })).items;
  const runId = run?.info.runId ?? '';
  await client.setTag(runId, 'slipway.stop', 'true');
  expect((await running.ended).exitCode).toBe(143);
  const browser = await openBrowser();
  try {
    const page = await visit(browser, runUrl(server.uri, experimentId, runId), {
      shows: ['Status Killed', 'slipway.stop: true', 'it was stopped from the MLflow UI', 'KILLED after'],
      width: 1500,
      height: 900,
    });
    const folder = isForDocuments ? resolve(import.meta.dirname, '../../docs/images') : storage.join('pictures');
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: join(folder, 'stop-from-mlflow.png') });
    expect(readdirSync(folder)).toContain('stop-from-mlflow.png');
  } finally {
    await browser.close();
    await client.close();
  }
});
