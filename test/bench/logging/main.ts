import { execFile } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MlflowClient } from '../../../src/mlflow/index.ts';
import { startMlflow } from '../../support/mlflow.ts';
import { pythonPath } from '../../support/python.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { typeScriptProgram } from '../../support/typescript-process.ts';

/** What a worker did, measured in its own process, without its start. */
interface Measured {
  readonly seconds: number;
  /** Time in the calls that log, where that is not the whole. */
  readonly callSeconds: number;
  readonly peakMiB: number;
}

/** `node test/bench/run.mjs logging [rounds] [part of a comparison's title]` */
const rounds = Number(process.argv[2] ?? 5);
const wanted = process.argv[3] ?? '';
const metricCount = 5_000;
/** The synchronous call is slow: fewer say the same. */
const singleCount = 500;
const smallFiles = 200;
const bigBytes = 300_000_000;

const execute = promisify(execFile);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

await using server = await startMlflow();
await using folder = await temporaryDirectory('slipway-bench-');
const python = await pythonPath();
const client = new MlflowClient({ trackingUri: server.uri });
const { experimentId } = await client.ensureExperiment('bench');

const big = folder.join('big.bin');
const many = folder.join('many');
writeFileSync(big, randomFillSync(Buffer.alloc(bigBytes)));
mkdirSync(many);
for (let file = 0; file < smallFiles; file++) {
  writeFileSync(join(many, `file-${file}.bin`), randomFillSync(Buffer.alloc(2000)));
}

async function measure(contender: 'slipway' | 'python', task: string, argument: string): Promise<Measured> {
  const run = await client.createRun({ experimentId, runName: task, startTimeMs: Date.now(), tags: {} });
  const orders = JSON.stringify({
    task,
    argument,
    runId: run.info.runId,
    trackingUri: server.uri,
    folder: folder.path,
  });
  const worker = join(import.meta.dirname, contender === 'slipway' ? 'slipway-worker.ts' : 'python_worker.py');
  const command = contender === 'slipway' ? [process.execPath, ...typeScriptProgram(worker)] : [python, worker];
  const environment = {
    ...process.env,
    MLFLOW_TRACKING_URI: server.uri,
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: 'false',
  };
  const { stdout } = await execute(command[0] as string, [...command.slice(1), orders], { env: environment });
  // MLflow's Python client prints about its run as well.
  return JSON.parse(stdout.split('\n').find((line) => line.startsWith('{')) ?? '') as Measured;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Runs all contenders of a comparison one after the other, round by round, so that a slow minute is nobody's own. */
async function compare(
  title: string,
  contenders: readonly (readonly [name: string, who: 'slipway' | 'python', task: string, argument: string])[],
  unit: string,
  rate: (measured: Measured, argument: string) => number,
): Promise<void> {
  if (!title.toLowerCase().includes(wanted.toLowerCase())) return;
  const results = new Map<string, Measured[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, who, task, argument] of contenders) {
      const measured = await measure(who, task, argument);
      results.set(name, [...(results.get(name) ?? []), measured]);
    }
  }
  say(`\n${title} (medians of ${rounds} interleaved rounds)`);
  let first: number | undefined;
  for (const [name, , , argument] of contenders) {
    const measured = results.get(name) ?? [];
    const value = median(measured.map((each) => rate(each, argument)));
    const peak = median(measured.map((each) => each.peakMiB));
    first ??= value;
    say(
      `  ${name.padEnd(34)} ${value.toFixed(2).padStart(10)} ${unit}  ${peak.toFixed(0).padStart(5)} MiB  slipway is ${(first / value).toFixed(2)}x`,
    );
  }
}

await compare(
  'Metrics, from the first call until all are on the server',
  [
    ['slipway (run log and stream)', 'slipway', 'metrics', String(metricCount)],
    ['python log_metric, asynchronous', 'python', 'asynchronous', String(metricCount)],
    ['python log_batch of 1000', 'python', 'batch', String(metricCount)],
    ['python log_metric', 'python', 'single', String(singleCount)],
  ],
  'a second',
  ({ seconds }, argument) => Number(argument) / seconds,
);
await compare(
  "The program's own cost of one value",
  [
    ['slipway (append to the run log)', 'slipway', 'append', '1000000'],
    ['python log_metric, asynchronous', 'python', 'asynchronous', String(metricCount)],
    ['python log_metric', 'python', 'single', String(singleCount)],
  ],
  'values a millisecond',
  ({ callSeconds }, argument) => Number(argument) / callSeconds / 1000,
);
await compare(
  `One artifact of ${bigBytes / 1e6} MB`,
  [
    ['slipway', 'slipway', 'artifact', big],
    ['python log_artifact', 'python', 'artifact', big],
  ],
  'MB a second',
  ({ seconds }) => bigBytes / 1e6 / seconds,
);
await compare(
  `${smallFiles} artifacts of 2 kB`,
  [
    ['slipway', 'slipway', 'artifacts', many],
    ['python log_artifacts', 'python', 'artifacts', many],
  ],
  'files a second',
  ({ seconds }) => smallFiles / seconds,
);
await client.close();
