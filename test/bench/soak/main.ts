import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { MlflowClient } from '../../../src/mlflow/index.ts';
import { startMlflow } from '../../support/mlflow.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

/** What an agent held at a moment. */
interface Held {
  readonly timeMs: number;
  readonly descriptors: number;
  readonly residentMiB: number;
  /** Heap and buffers right after a collection of garbage. */
  readonly heldMiB: number;
  readonly timers: number;
  readonly resources: number;
}

/** `node test/bench/run.mjs soak [minutes] [runs] [seconds between restarts]`: exit code 1 where something grows or is lost. */
const minutes = Number(process.argv[2] ?? 30);
const runs = Number(process.argv[3] ?? 4);
const restartEverySeconds = Number(process.argv[4] ?? 120);
const keys = ['loss', 'accuracy', 'rate'] as const;
/** How much more of each an agent may hold in the last third than in the first: noise, but no leak. */
const mayGrow = { descriptors: 4, timers: 4, resources: 8, heldMiB: 6, residentMiB: 40 } as const;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const checkout = resolve(import.meta.dirname, '../../..');
await using server = await startMlflow();
await using folder = await temporaryDirectory('slipway-soak-');
const project = folder.join('project');
const probes = folder.join('probes');
const storage = folder.join('storage');
for (const made of [project, probes, storage]) mkdirSync(made);
const worker = join(import.meta.dirname, 'trainer-worker.mjs');
writeFileSync(
  join(project, 'MLproject'),
  `name: soak\nentry_points:\n  main:\n    command: "${process.execPath} ${worker} ${minutes * 60}"\n`,
);
const probe = pathToFileURL(join(import.meta.dirname, 'probe.mjs')).href;
const environment = {
  ...process.env,
  MLFLOW_TRACKING_URI: server.uri,
  NODE_OPTIONS: `--import ${probe}`,
  SLIPWAY_SOAK_FOLDER: probes,
};

const launches = Array.from({ length: runs }, (_, index) => launch(`soak-${index}`));
let over = false;
const all = Promise.all(launches).finally(() => {
  over = true;
});
let restarts = 0;
while (!over) {
  await Promise.race([all.catch(() => undefined), sleep(restartEverySeconds * 1000, undefined, { ref: false })]);
  if (over) break;
  await server.kill();
  await sleep(3000);
  await server.restart();
  restarts += 1;
}
await all;
await countValues();
report();

async function launch(runName: string): Promise<void> {
  const words = ['run', project, '--engine', 'host', '--storage', storage, '--run-name', runName];
  const child = spawn(process.execPath, [join(checkout, 'bin', 'slipway'), ...words, '--drain-timeout', '3600'], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors = `${errors}${String(chunk)}`.slice(-2000);
  });
  const [exitCode] = await once(child, 'exit');
  if (exitCode !== 0) throw new Error(`${runName} ended with ${exitCode}:\n${errors}`);
}

/** Throws where the server does not hold each value of every run's log exactly once, or a run is not FINISHED. */
async function countValues(): Promise<void> {
  const client = new MlflowClient({ trackingUri: server.uri });
  const { experimentId } = await client.ensureExperiment('soak');
  const { items } = await client.searchRuns({ experimentIds: [experimentId] });
  if (items.length !== runs) throw new Error(`${items.length} runs are on the server, of ${runs}`);
  for (const { info, data } of items) {
    const log = readFileSync(join(storage, 'runs', data.tags['slipway.id'] ?? '', 'events', 'trainer.ndjson'), 'utf8');
    const written = log.split('\n').filter((line) => line.includes('"type":"metric"')).length;
    const histories = await Promise.all(keys.map((key) => client.metricHistory(info.runId, key)));
    const onServer = histories.reduce((sum, points) => sum + points.length, 0);
    const distinct = histories.reduce((sum, points) => sum + new Set(points.map(({ step }) => step)).size, 0);
    say(`${info.runName}: ${info.status}, ${written} values written, ${onServer} on the server, ${distinct} distinct`);
    if (info.status !== 'FINISHED' || written !== onServer || distinct !== onServer) process.exitCode = 1;
  }
  await client.close();
}

function report(): void {
  say(`${minutes} minutes, ${runs} runs, the server restarted ${restarts} times: an agent held`);
  for (const name of readdirSync(probes)) {
    const lines = readFileSync(join(probes, name), 'utf8').trim().split('\n');
    const held = lines.map((line) => JSON.parse(line) as Held);
    const third = Math.floor(held.length / 3);
    for (const what of ['descriptors', 'timers', 'resources', 'heldMiB', 'residentMiB'] as const) {
      const first = median(held.slice(0, third).map((each) => each[what]));
      const last = median(held.slice(-third).map((each) => each[what]));
      const grows = last - first > mayGrow[what];
      const most = Math.max(...held.map((each) => each[what]));
      const text = `first third ${first.toFixed(0)}, last third ${last.toFixed(0)}, most ${most.toFixed(0)}`;
      say(`  ${name.replace('.ndjson', '').padEnd(16)} ${what.padEnd(12)} ${text}${grows ? '  GROWS' : ''}`);
      if (grows) process.exitCode = 1;
    }
  }
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
