import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { requireData } from '../../support/data-directory.ts';
import { pythonPath } from '../../support/python.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { typeScriptProgram } from '../../support/typescript-process.ts';

/** What a training held and took. */
interface Measured {
  readonly epochs: readonly {
    /** Tensors that are alive after the epoch; of the trainer alone. */
    readonly tensors?: number;
    readonly residentMiB: number;
    readonly seconds: number;
  }[];
  /** The most resident memory of the whole process. */
  readonly peakMiB: number;
  /** Of the whole process, from its start to its exit. */
  readonly seconds: number;
}

/** `node test/bench/run.mjs memory [rounds] [epochs]`: exit code 1 where a bound does not hold. */
const rounds = Number(process.argv[2] ?? 3);
const epochs = Number(process.argv[3] ?? 3);
if (!(epochs >= 2)) throw new RangeError(`Two epochs at least tell whether tensors stay, not ${process.argv[3]}.`);
const batchSize = 32;
/** 1.5 GB. */
const residentAtMostMiB = 1.5e9 / 2 ** 20;

const execute = promisify(execFile);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

const data = requireData('fashion-mnist');
const python = await pythonPath();
await using folder = await temporaryDirectory('slipway-bench-');

const trainer = (...settings: string[]): string[] => [
  process.execPath,
  ...typeScriptProgram(join(import.meta.dirname, 'trainer-worker.ts')),
  folder.join('results.json'),
  ...['--data-loader-class=numbered_zip', `--data=${data}`, '--image-size=28', '--model-builder-class=mlp'],
  ...[`--epochs=${epochs}`, `--batch-size=${batchSize}`, '--data_loader.preset=fashion_mnist'],
  ...settings,
];
const contenders: readonly (readonly [name: string, command: readonly string[]])[] = [
  ['slipway', trainer()],
  ['slipway, cache_mib=0', trainer('--data_loader.cache_mib=0')],
  [
    'keras over tf.data',
    [
      python,
      join(import.meta.dirname, 'python_worker.py'),
      data,
      String(epochs),
      String(batchSize),
      folder.join('results.json'),
    ],
  ],
];

const results = new Map<string, Measured[]>();
for (let round = 0; round < rounds; round++) {
  // One after the other, round by round: a slow minute is nobody's own.
  for (const [name, command] of contenders) {
    results.set(name, [...(results.get(name) ?? []), await measure(command, `round-${round}`)]);
  }
}
table();
process.exitCode = [...results].flatMap(([name, measured]) => broken(name, measured)).length > 0 ? 1 : 0;

async function measure(command: readonly string[], storage: string): Promise<Measured> {
  const startedMs = performance.now();
  await execute(command[0] as string, command.slice(1), {
    env: { ...process.env, SLIPWAY_STORAGE: folder.join(storage), TF_CPP_MIN_LOG_LEVEL: '3' },
    maxBuffer: 1 << 26,
  });
  const seconds = (performance.now() - startedMs) / 1000;
  return { ...(JSON.parse(readFileSync(folder.join('results.json'), 'utf8')) as Omit<Measured, 'seconds'>), seconds };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Sentences on what does not hold: of the trainer, since a peer has no bounds. */
function broken(name: string, measured: readonly Measured[]): string[] {
  if (!name.startsWith('slipway')) return [];
  const sentences: string[] = [];
  for (const { peakMiB, epochs: seen } of measured) {
    if (peakMiB > residentAtMostMiB) sentences.push(`held ${peakMiB.toFixed(0)} MiB`);
    if (seen.length !== epochs) sentences.push(`trained ${seen.length} of ${epochs} epochs`);
    if (new Set(seen.map(({ tensors }) => tensors)).size !== 1) sentences.push('held more tensors from epoch to epoch');
  }
  return sentences.map((sentence) => `${name} ${sentence}.`);
}

function table(): void {
  const [, keras = []] = [...results].at(-1) ?? [];
  const epochSeconds = ({ epochs: seen }: Measured): number => median(seen.slice(1).map(({ seconds }) => seconds));
  const columns: readonly (readonly [title: string, of: (measured: Measured) => number, digits: number])[] = [
    ['peak MiB', ({ peakMiB }) => peakMiB, 0],
    ['an epoch, s', epochSeconds, 2],
    ['process, s', ({ seconds }) => seconds, 1],
  ];
  say(`70,000 images in two zips, mlp, ${epochs} epochs (medians of ${rounds} interleaved rounds; x: of Keras)`);
  for (const [name, measured] of results) {
    const cells = columns.map(([title, of, digits]) => {
      const value = median(measured.map(of));
      const ratio = value / median(keras.map(of));
      return `${title} ${value.toFixed(digits).padStart(6)} (${ratio.toFixed(2)}x)`;
    });
    say(`  ${name.padEnd(22)} ${cells.join('   ')}`);
  }
  for (const [name, measured] of results) {
    const last = measured.at(-1)?.epochs ?? [];
    const resident = last.map(({ residentMiB }) => residentMiB.toFixed(0)).join(' ');
    const tensors = last.map((each) => each.tensors).join(' ');
    say(`  ${name}, epoch by epoch: ${resident} MiB${last[0]?.tensors === undefined ? '' : `, ${tensors} tensors`}`);
  }
  const sentences = [...results].flatMap(([name, measured]) => broken(name, measured));
  say(
    `  at most ${residentAtMostMiB.toFixed(0)} MiB, and as many tensors after each epoch: ${sentences.length === 0 ? 'holds' : sentences.join(' ')}`,
  );
}
