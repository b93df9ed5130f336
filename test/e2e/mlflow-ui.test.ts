import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  experimentUrl,
  MlflowClient,
  modelVersionUrl,
  type Run,
  runChartsUrl,
  runsTableUrl,
  runUrl,
} from '../../src/mlflow/index.ts';
import { openBrowser, shownText, visit } from '../support/browser.ts';
import {
  type MlflowServer,
  slipway,
  startMlflow,
  type TemporaryDirectory,
  temporaryDirectory,
} from '../support/index.ts';

const checkout = resolve(import.meta.dirname, '../..');
const model = 'malaria-synthetic';

let server: MlflowServer;
let client: MlflowClient;
let storage: TemporaryDirectory;
let browser: Browser;
let experimentId: string;
let runs: Record<'first' | 'deeper' | 'tooFast', Run>;
/** Whether the pictures that README and tutorial show, in docs/images, are to be made anew. */
const isForDocuments = Boolean(process.env.SLIPWAY_UPDATE_IMAGES);
const documented = new Set(['runs', 'charts', 'report']);

beforeAll(async () => {
  browser = await openBrowser();
  server = await startMlflow();
  client = new MlflowClient({ trackingUri: server.uri });
  storage = await temporaryDirectory();
  // The runs of docs/tutorial.md, shorter where nobody looks; the last one overshoots, and cannot find back.
  const short = isForDocuments ? [] : ['epochs=3', 'training_samples=400'];
  await launch('first', ...short);
  await launch('deeper', 'convolutions=3', ...short);
  await launch('too-fast', 'learning_rate=10', 'epochs=3', 'training_samples=200', 'validation_samples=50');
  experimentId = (await client.getExperimentByName('malaria'))?.experimentId ?? '';
  const found = (await client.searchRuns({ experimentIds: [experimentId] })).items;
  const named = (name: string): Run => found.find(({ info }) => info.runName === name) as Run;
  runs = { first: named('first'), deeper: named('deeper'), tooFast: named('too-fast') };
});

afterAll(async () => {
  await browser?.close();
  await client?.close();
  await server?.[Symbol.asyncDispose]();
  await storage?.remove();
});

async function launch(name: string, ...parameters: string[]): Promise<void> {
  const where = ['--engine', 'host', '--storage', storage.path, '--run-name', name];
  const words = parameters.flatMap((parameter) => ['-P', parameter]);
  const end = await slipway(['run', checkout, ...where, ...words], {
    environment: { MLFLOW_TRACKING_URI: server.uri },
  });
  expect(end.exitCode, end.stderr).toBe(0);
}

/** Keeps a picture of the page: in a temporary folder, or in docs/images, to be looked at and committed. */
async function picture(page: Page, name: string): Promise<void> {
  const isKept = isForDocuments && documented.has(name);
  const folder = isKept ? join(checkout, 'docs', 'images') : storage.join('pictures');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await page.context().close();
}

describe("MLflow's pages, in a browser", () => {
  it("show the table of runs with the project's columns, sorted, the best run first", async () => {
    const page = await visit(browser, runsTableUrl(server.uri, experimentId), {
      shows: ['Sort: val_auc', 'test_auc', 'val_accuracy', 'learning_rate', 'diverged', 'first', 'deeper', 'too-fast'],
      width: 2400,
      height: 640,
    });
    // The view has a name there, and the note its heading.
    for (const text of ['Slipway', 'Runs of malaria']) expect(await shownText(page)).toContain(text);
    await page.setViewportSize({ width: 1900, height: 500 });
    await picture(page, 'runs');
  });

  it('show the charts of the last runs: learning, test, and what differs', async () => {
    const page = await visit(browser, runChartsUrl(server.uri, experimentId), {
      shows: ['Learning (', 'auc vs val_auc', 'Test (', 'test_auc', 'What differs (2)'],
      height: 1300,
    });
    // The lines are drawn a moment after their frames.
    await page.locator('.js-plotly-plot .scatterlayer .trace').first().waitFor();
    await page.setViewportSize({ width: 1500, height: 1000 });
    await picture(page, 'charts');
  });

  it('show of a run how it was made, how it ended, and its model', async () => {
    const { runId } = runs.first.info;
    const page = await visit(browser, runUrl(server.uri, experimentId, runId), {
      shows: [
        'FINISHED after',
        'val_auc',
        'learning_rate',
        'Finished',
        'synthetic-cells',
        `${model}`,
        'host:',
        'threads:',
      ],
    });
    await picture(page, 'run');
  });

  it('show pictures and tables of a run among its artifacts, in place', async () => {
    const artifact = (path: string): string =>
      runUrl(server.uri, experimentId, runs.first.info.runId).replace('?', `/artifacts/${path}?`);
    const svg = await visit(browser, artifact('plots/roc-curve.svg'), {
      shows: ['plots/roc-curve.svg', 'report.html'],
    });
    const image = svg.locator('img[src^="blob:"], img[src*="roc-curve"]').first();
    await image.waitFor();
    const width = await image.evaluate((element) => (element as unknown as { naturalWidth: number }).naturalWidth);
    expect(width).toBeGreaterThan(200);
    await picture(svg, 'artifacts');
    const table = await visit(browser, artifact('predictions.json'), {
      shows: ['actual', 'predicted', 'probability', 'loss'],
    });
    await picture(table, 'predictions');
    const report = await visit(browser, artifact('report.html'), { shows: ['report.html'], height: 1250 });
    const inside = report.frameLocator('iframe').first();
    await inside.getByText('Confusion matrix').first().waitFor();
    await inside.getByText('Test on 400 samples').waitFor();
    await picture(report, 'report');
  });

  it('show the filters of the first layer with a slider over the epochs', async () => {
    const charts = runUrl(server.uri, experimentId, runs.first.info.runId).replace('?', '/model-metrics?');
    const page = await visit(browser, charts, { shows: ['first_layer_filters', 'val_auc'], height: 3600 });
    await page.locator('[role=slider]').first().waitFor();
    await picture(page, 'run-charts');
  });

  it('show of a run that has diverged that it has, and when', async () => {
    const page = await visit(browser, runUrl(server.uri, experimentId, runs.tooFast.info.runId), {
      shows: ['diverged:', /Diverged in (epoch|step) \d/],
    });
    await picture(page, 'diverged');
  });

  it('show the registered model and its version with what it is and how to use it', async () => {
    const version = await visit(browser, modelVersionUrl(server.uri, model, '1'), {
      shows: ['test_auc', 'Made by: run first', 'Load it in Python', 'Load it in TypeScript', 'mlflow models serve'],
    });
    await picture(version, 'model-version');
    const url = modelVersionUrl(server.uri, model, '1').replace('/versions/1', '');
    const registered = await visit(browser, url, {
      shows: [model, '@ latest-finished', 'Each version tells', 'test_loss'],
    });
    await picture(registered, 'model');
  });

  it('show the heading of the note above the runs of the experiment', async () => {
    const page = await visit(browser, experimentUrl(server.uri, experimentId), { shows: ['Runs of malaria', 'first'] });
    await page.context().close();
  });
});
