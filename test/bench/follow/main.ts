import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MlflowClient } from '../../../src/mlflow/index.ts';
import { startMlflow } from '../../support/mlflow.ts';
import { watchMemory } from '../../support/peak-memory.ts';
import { pythonPath } from '../../support/python.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { typeScriptProgram } from '../../support/typescript-process.ts';

/** What a training took, told by itself. */
interface Told {
  readonly seconds: number;
  readonly endedAtMs: number;
  /** From its start until all values were on the server; of the Python client alone. */
  readonly arrivedSeconds?: number;
}

interface Launched extends Told {
  /** From the launch until the run was over, with everything on the server. */
  readonly wholeSeconds: number;
  /** From the training's end until then. */
  readonly restSeconds: number;
  readonly peaks: Readonly<Record<string, number>>;
}

/** `node test/bench/run.mjs follow [values] [rounds]`: exit code 1 where a value is missing or a bound does not hold. */
const values = Number(process.argv[2] ?? 1_000_000);
const rounds = Number(process.argv[3] ?? 3);
/** MLflow's own client takes so much longer that fewer must do. */
const pythonValues = Math.min(values, 50_000);
const agentAtMostMiB = 256;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const checkout = resolve(import.meta.dirname, '../../..');
await using server = await startMlflow();
await using folder = await temporaryDirectory('slipway-bench-');
const python = await pythonPath();
const client = new MlflowClient({ trackingUri: server.uri });
const results = folder.join('results.json');
const worker = [process.execPath, ...typeScriptProgram(join(import.meta.dirname, 'trainer-worker.ts'))];
const project = folder.join('project');
mkdirSync(project);
writeFileSync(
  join(project, 'MLproject'),
  `name: follow\nentry_points:\n  main:\n    command: "${worker.join(' ')} ${values} ${results}"\n`,
);
const environment = { ...process.env, MLFLOW_TRACKING_URI: server.uri, MLFLOW_EXPERIMENT_NAME: 'follow' };
mkdirSync(folder.join('alone'));
chmodSync(folder.path, 0o755);

const alone: Told[] = [];
const logging: Told[] = [];
const launched: Launched[] = [];
const pythonAlone: Told[] = [];
const pythonLogging: Told[] = [];
const pythonWorker = [python, join(import.meta.dirname, 'python_worker.py'), String(pythonValues), results];
// One after the other, round by round: a slow minute is nobody's own.
for (let round = 0; round < rounds; round++) {
  const words = [...worker, String(values), results];
  alone.push(await train([...words, 'quiet']));
  logging.push(await train(words, { SLIPWAY_RUN_DIR: folder.join(`alone/${round}`) }));
  launched.push(await launch(`round-${round}`));
  pythonAlone.push(await train([...pythonWorker, 'quiet']));
  pythonLogging.push(await train(pythonWorker));
}
await client.close();

const base = median(alone.map(({ seconds }) => seconds));
const pythonBase = median(pythonAlone.map(({ seconds }) => seconds));
const row = (name: string, seconds: number, of: number): void =>
  say(`  ${name.padEnd(46)} ${seconds.toFixed(2).padStart(8)} s  ${(seconds / of).toFixed(3).padStart(7)}x`);
say(`\nA training that writes ${values.toLocaleString('en')} values (medians of ${rounds} interleaved rounds)`);
row('without a value', base, base);
row('values in the run log, nobody follows', median(logging.map(({ seconds }) => seconds)), base);
row('launched by slipway, values on the server', median(launched.map(({ seconds }) => seconds)), base);
say(`MLflow's Python client, asynchronous, ${pythonValues.toLocaleString('en')} values`);
row('without a value', pythonBase, pythonBase);
row('values on the server, during the training', median(pythonLogging.map(({ seconds }) => seconds)), pythonBase);
say('Values a second until all are on the server');
const rate = values / median(launched.map(({ wholeSeconds }) => wholeSeconds));
const pythonRate = pythonValues / median(pythonLogging.map(({ arrivedSeconds }) => arrivedSeconds ?? Number.NaN));
say(`  slipway ${rate.toFixed(0)}, Python ${pythonRate.toFixed(0)}: ${(rate / pythonRate).toFixed(2)}x`);
say(`  from the training's end: ${median(launched.map(({ restSeconds }) => restSeconds)).toFixed(1)} s`);
const peak = (name: string): number => Math.max(...launched.map(({ peaks }) => peaks[name] ?? 0));
say(`Most memory: agent ${peak('agent').toFixed(0)} MiB, launcher ${peak('launcher').toFixed(0)} MiB`);
if (Math.max(peak('agent'), peak('launcher')) > agentAtMostMiB) {
  say(`More than ${agentAtMostMiB} MiB.`);
  process.exitCode = 1;
}

/** Runs a training by itself. Throws where it fails. */
async function train(words: readonly string[], added: NodeJS.ProcessEnv = {}): Promise<Told> {
  const child = spawn(words[0] as string, words.slice(1), {
    cwd: folder.path,
    env: { ...environment, ...added },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [exitCode] = await once(child, 'exit');
  if (exitCode !== 0) throw new Error(`${words.join(' ')} ended with ${exitCode}`);
  return told();
}

/** Launches the training and waits until all of it is on the server, where it counts the values. */
async function launch(runName: string): Promise<Launched> {
  const startedMs = performance.now();
  const words = ['run', project, '--engine', 'host', '--storage', folder.join('storage'), '--run-name', runName];
  const child = spawn(process.execPath, [join(checkout, 'bin', 'slipway'), ...words, '--drain-timeout', '3600'], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors = `${errors}${String(chunk)}`.slice(-2000);
  });
  const memory = watchMemory(child.pid as number, (line) => {
    if (line.includes('trainer-worker')) return null;
    return line.includes('agent') ? 'agent' : line.includes('slipway run') || / run /.test(line) ? 'launcher' : null;
  });
  const [exitCode] = await once(child, 'exit');
  const peaks = memory.stop();
  if (exitCode !== 0) throw new Error(`slipway ended with ${exitCode}:\n${errors}`);
  const wholeSeconds = (performance.now() - startedMs) / 1000;
  const training = told();
  const restSeconds = (Date.now() - training.endedAtMs) / 1000;
  await countValues(runName);
  return { ...training, wholeSeconds, restSeconds, peaks };
}

/** Throws where the server does not hold each value of the run exactly once. */
async function countValues(runName: string): Promise<void> {
  const experiment = await client.ensureExperiment('follow');
  const { items } = await client.searchRuns({
    experimentIds: [experiment.experimentId],
    filter: `attributes.run_name = '${runName}'`,
  });
  const run = items[0];
  if (run === undefined || items.length !== 1) throw new Error(`${items.length} runs are called ${runName}`);
  let count = 0;
  for (let key = 0; key < 10; key++) {
    const points = await client.metricHistory(run.info.runId, `metric_${key}`);
    const steps = new Set(points.map(({ step }) => step));
    if (steps.size !== points.length) throw new Error(`metric_${key} has ${points.length - steps.size} values twice`);
    count += points.length;
  }
  if (count !== values) throw new Error(`${count} of ${values} values are on the server`);
}

function told(): Told {
  return JSON.parse(readFileSync(results, 'utf8')) as Told;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
