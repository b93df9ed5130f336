import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { openArtifactStore } from '../../src/artifacts/index.ts';
import { MlflowClient } from '../../src/mlflow/index.ts';
import { createRunDirectory } from '../../src/runs/index.ts';
import { RunStream } from '../../src/stream/index.ts';
import { pythonPath, slipway, startMlflow, temporaryDirectory } from '../support/index.ts';
import { recordedRun } from '../support/recorded-run.ts';

const execute = promisify(execFile);
const document = readFileSync(join(import.meta.dirname, '../../docs/run-log.md'), 'utf8');

/** The document's first example in a language. */
function example(language: string): string {
  return new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(document)?.[1] ?? '';
}

it('the ten lines of shell and the Python of docs/run-log.md log what they say', async () => {
  await using server = await startMlflow();
  await using storage = await temporaryDirectory();
  const client = new MlflowClient({ trackingUri: server.uri });
  const { experimentId } = await client.ensureExperiment('shell');
  const paths = await createRunDirectory(storage.path);
  const run = await client.createRun({ experimentId, runName: 'shell', startTimeMs: Date.now(), tags: {} });
  const stream = new RunStream({
    runDirectory: paths.directory,
    client,
    mlflowRunId: run.info.runId,
    experimentId,
    artifactUri: run.info.artifactUri,
    knownParams: {},
  });
  stream.start();

  expect(example('sh').trim().split('\n')).toHaveLength(10);
  const environment = { ...process.env, SLIPWAY_RUN_DIR: paths.directory };
  await execute('sh', ['-e', '-c', example('sh')], { env: environment });
  stream.programEnded();
  await stream.drain();
  const { data } = await client.getRun(run.info.runId);
  expect(data).toMatchObject({ params: { optimizer: 'sgd' }, metrics: { loss: 0.6 } });
  const losses = await client.metricHistory(run.info.runId, 'loss');
  expect(losses.map(({ value, step }) => [step, value])).toEqual([
    [1, 0.8],
    [2, 0.7],
    [3, 0.6],
  ]);
  const files = await openArtifactStore(run.info.artifactUri, { client }).list();
  expect(files.map(({ path }) => path)).toEqual(['when.txt']);

  await execute(await pythonPath(), ['-c', example('python')], { env: environment });
  expect((await stream.drain()).refused).toEqual([]);
  expect(await client.metricHistory(run.info.runId, 'loss')).toHaveLength(6);
  await stream.close();
  await client.close();
});

it('the project of docs/run-log.md is launched as it stands there', async () => {
  await using server = await startMlflow();
  await using folder = await temporaryDirectory();
  const project = folder.join('by-hand');
  mkdirSync(project);
  writeFileSync(join(project, 'train.sh'), example('sh'));
  writeFileSync(join(project, 'MLproject'), example('yaml'));
  const words = ['run', project, '--engine', 'host', '--storage', folder.join('storage'), '--run-name', 'one'];
  const end = await slipway(words, { environment: { MLFLOW_TRACKING_URI: server.uri } });
  expect(end.exitCode, end.stderr).toBe(0);
  const client = new MlflowClient({ trackingUri: server.uri });
  const run = await recordedRun(client, 'by-hand', 'one');
  expect(run.data).toMatchObject({ params: { epochs: '3', optimizer: 'sgd' }, metrics: { loss: 0.6 } });
  await client.close();
});
