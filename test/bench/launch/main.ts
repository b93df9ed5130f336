import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, copyFileSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { MlflowClient } from '../../../src/mlflow/index.ts';
import { testBaseImage } from '../../support/base-image.ts';
import { requireDocker } from '../../support/docker.ts';
import { gitProject } from '../../support/git-project.ts';
import { startMlflow } from '../../support/mlflow.ts';
import { pythonPath } from '../../support/python.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

/** A command that is measured from its start to its exit. */
interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  /** What it must have printed, so that a failure is not taken for speed. */
  readonly prints: RegExp;
  readonly directory?: string;
}

/** `node test/bench/run.mjs launch [rounds] [folder of another built checkout to compare with]` */
const rounds = Number(process.argv[2] ?? 7);
const otherCheckout = process.argv[3];
const ignoredBytes = 1_000_000_000;
const verbs = ['', 'run', 'attach', 'sync', 'tracking'];

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const checkout = resolve(import.meta.dirname, '../../..');
const slipwayOf = (folder: string): string[] => [process.execPath, join(folder, 'bin', 'slipway')];

const docker = await requireDocker();
await using server = await startMlflow();
await using folder = await temporaryDirectory('slipway-bench-');
await using small = await gitProject('echo', { baseImage: await testBaseImage() });
await using large = await gitProject('echo', { baseImage: await testBaseImage() });
const python = await pythonPath();
const environment: NodeJS.ProcessEnv = {
  ...process.env,
  MLFLOW_TRACKING_URI: server.uri,
  MLFLOW_EXPERIMENT_NAME: 'bench',
};
const client = new MlflowClient({ trackingUri: server.uri });
await client.ensureExperiment('bench');
await client.close();
writeIgnored(large.path);
large.git('add', '--all');
large.git('commit', '--quiet', '--message', 'Ignore the data');

const storage = folder.join('storage');
const launchWords = (project: string): string[] => ['run', project, '--storage', storage, '--engine', 'docker'];
const slipway = (project: string): readonly string[] => [...slipwayOf(checkout), ...launchWords(project)];
const image = `echo:${small.commit.slice(0, 12)}`;
const largeImage = `echo:${large.git('rev-parse', '--short=12', 'HEAD')}`;

// Once each, unmeasured: builds the images, and brings everything into the page cache.
await time({ name: 'first', command: slipway(small.path), prints: /hello/ });
await time({ name: 'first', command: slipway(large.path), prints: /hello/ });

/** `mlflow run` of the image that the launch built. */
const mlflowProject = folder.join('mlflow-project');
mkdirSync(mlflowProject);
copyFileSync(join(small.path, 'MLproject'), join(mlflowProject, 'MLproject'));
rewrite(join(mlflowProject, 'MLproject'), /image: .*/, `image: ${image}`);

const contenders: Contender[] = [
  { name: 'slipway run', command: slipway(small.path), prints: /hello/ },
  { name: `slipway run, ${ignoredBytes / 1e9} GB ignored`, command: slipway(large.path), prints: /hello/ },
  { name: 'docker run', command: ['docker', 'run', '--rm', image, 'sh', '-c', 'echo hello'], prints: /hello/ },
  { name: 'mlflow run', command: [python, '-m', 'mlflow', 'run', mlflowProject], prints: /hello/ },
];
if (otherCheckout !== undefined) {
  const command = [...slipwayOf(resolve(otherCheckout)), ...launchWords(small.path)];
  contenders.push({ name: `slipway run of ${otherCheckout}`, command, prints: /hello/ });
}
const helps: Contender[] = [
  ...verbs.map((verb) => ({
    name: `slipway ${verb === '' ? '' : `${verb} `}--help`,
    command: [...slipwayOf(checkout), ...(verb === '' ? [] : [verb]), '--help'],
    prints: /--help/,
  })),
  { name: 'node -e 0', command: [process.execPath, '-e', '0'], prints: /^/ },
];

try {
  const launches = await compare(contenders);
  table('A warm launch of echo', launches, 'docker run');
  const mlflow = Number(launches.get('mlflow run'));
  const [own = 0, ignored = 0, plain = 0] = launches.values();
  say(`  over docker run      ${((own - plain) / 1000).toFixed(2)} s (aim: 0.6 s)`);
  say(`  mlflow run takes     ${(mlflow / own).toFixed(1)} times as long (aim: 4)`);
  say(`  1 GB ignored costs   ${((ignored - own) / 1000).toFixed(2)} s (aim: none)`);
  table('Help (aim: 0.2 s)', await compare(helps), 'node -e 0');
} finally {
  for (const reference of [image, largeImage]) await docker.removeImage(reference, { force: true });
}

/** Large files that git ignores, beside the code. */
function writeIgnored(directory: string): void {
  writeFileSync(join(directory, '.gitignore'), 'data/\n');
  mkdirSync(join(directory, 'data'));
  const chunk = Buffer.alloc(1_000_000, 7);
  for (let file = 0; file < 100; file++) {
    const descriptor = openSync(join(directory, 'data', `part-${file}.bin`), 'w');
    for (let written = 0; written < ignoredBytes / 100; written += chunk.length) writeSync(descriptor, chunk);
    closeSync(descriptor);
  }
}

function rewrite(file: string, pattern: RegExp, replacement: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replace(pattern, replacement));
}

/** Milliseconds from the start of a command to its exit. Throws where it fails or prints something else. */
async function time({ name, command, prints, directory }: Contender): Promise<number> {
  const startedMs = performance.now();
  const child = spawn(command[0] as string, command.slice(1), {
    env: environment,
    cwd: directory ?? folder.path,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const closed = once(child, 'close');
  const [exitCode] = await once(child, 'exit');
  const durationMs = performance.now() - startedMs;
  await closed;
  if (exitCode !== 0 || !prints.test(output)) throw new Error(`${name} ended with ${exitCode}:\n${output}`);
  return durationMs;
}

/** Medians in milliseconds. All contenders run one after the other, round by round: a slow minute is nobody's own. */
async function compare(all: readonly Contender[]): Promise<Map<string, number>> {
  const durations = new Map<string, number[]>(all.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const contender of all) durations.get(contender.name)?.push(await time(contender));
  }
  return new Map([...durations].map(([name, values]) => [name, median(values)]));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function table(title: string, medians: ReadonlyMap<string, number>, baseline: string): void {
  const base = medians.get(baseline) ?? Number.NaN;
  const load = `${loadavg()[0]?.toFixed(1)} on ${cpus().length} processors`;
  say(`\n${title} (medians of ${rounds} interleaved rounds; load ${load})`);
  say(`  ${''.padEnd(34)} ${'seconds'.padStart(8)} ${'more'.padStart(8)} ${'times'.padStart(7)}  than ${baseline}`);
  for (const [name, value] of medians) {
    const more = ((value - base) / 1000).toFixed(3);
    const times = (value / base).toFixed(2);
    say(`  ${name.padEnd(34)} ${(value / 1000).toFixed(3).padStart(8)} ${more.padStart(8)} ${times.padStart(7)}`);
  }
}
