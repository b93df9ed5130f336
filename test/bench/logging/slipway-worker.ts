import { readdirSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { MlflowClient } from '../../../src/mlflow/index.ts';
import { RunLogAppender } from '../../../src/runlog/index.ts';
import { createRunDirectory } from '../../../src/runs/index.ts';
import { RunStream } from '../../../src/stream/index.ts';

interface Orders {
  readonly task: 'metrics' | 'append' | 'artifact' | 'artifacts';
  readonly argument: string;
  readonly runId: string;
  readonly trackingUri: string;
  readonly folder: string;
}

// The program and its agent in one process: the time counts from the first value appended to the last one arrived.
const { task, argument, runId, trackingUri, folder } = JSON.parse(process.argv[2] ?? '') as Orders;
const client = new MlflowClient({ trackingUri });
const run = await client.getRun(runId);
const paths = await createRunDirectory(folder);
const stream = new RunStream({
  runDirectory: paths.directory,
  client,
  mlflowRunId: runId,
  experimentId: run.info.experimentId,
  artifactUri: run.info.artifactUri,
  knownParams: {},
});
const log = RunLogAppender.open(paths.directory, 'trainer');
if (task !== 'append') stream.start();

const names: string[] = [];
if (task === 'artifact') names.push(argument);
if (task === 'artifacts') names.push(...readdirSync(argument).map((name) => join(argument, name)));
// Moved, not copied: the files were in the run folder already when a program had written them.
for (const name of names) renameSync(name, join(paths.artifacts, basename(name)));

const startedAt = performance.now();
if (task === 'metrics' || task === 'append') {
  const count = Number(argument);
  for (let index = 0; index < count; index++) log.metric(`metric_${index % 10}`, index / 7, Math.floor(index / 10));
} else {
  for (const name of names) log.artifact(`artifacts/${basename(name)}`);
}
log.close();
const callSeconds = (performance.now() - startedAt) / 1000;
if (task !== 'append') await stream.drain();
const seconds = (performance.now() - startedAt) / 1000;
for (const name of names) renameSync(join(paths.artifacts, basename(name)), name);
const { lastError, refused } = stream.status();
if (lastError !== null || refused.length > 0) throw new Error(`${lastError}, ${refused.join()}`);
await stream.close();
await client.close();
const peakMiB = process.resourceUsage().maxRSS / 1024;
process.stdout.write(`${JSON.stringify({ seconds, callSeconds, peakMiB })}\n`);
