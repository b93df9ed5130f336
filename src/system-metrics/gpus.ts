import { isNotInstalled, lastLine, runProgram } from '../util/run-program.ts';

/** Which of the machine's GPUs a program may use: all, the first ones, or those that are named; null for none. */
export type GpuChoice =
  | { readonly kind: 'all' }
  | { readonly kind: 'first'; readonly count: number }
  | { readonly kind: 'named'; readonly names: readonly string[] }
  | null;

/** One reading of a GPU; null for what it does not tell. */
export interface GpuReading {
  /** As nvidia-smi counts them on this machine. */
  readonly index: number;
  readonly uuid: string;
  readonly utilizationPercent: number | null;
  readonly memoryUsedMiB: number | null;
  readonly memoryTotalMiB: number | null;
  readonly powerWatts: number | null;
  readonly powerLimitWatts: number | null;
  readonly temperatureCelsius: number | null;
}

const fields = [
  ...['index', 'uuid', 'utilization.gpu', 'memory.used', 'memory.total'],
  ...['power.draw', 'enforced.power.limit', 'temperature.gpu'],
];
const query = [`--query-gpu=${fields.join(',')}`, '--format=csv,noheader,nounits'];

/**
 * What a run may use of `--gpus` (`all`, a count, `device=0,1`). Without it a container has none, and a program on the host
 * those of CUDA_VISIBLE_DEVICES, by default all.
 */
export function gpuChoice(
  gpus: string | null,
  engine: 'docker' | 'host',
  environment: Readonly<Record<string, string | undefined>>,
): GpuChoice {
  if (gpus === null) return engine === 'docker' ? null : visibleGpus(environment.CUDA_VISIBLE_DEVICES);
  if (gpus === 'all') return { kind: 'all' };
  if (/^\d+$/.test(gpus)) return { kind: 'first', count: Number(gpus) };
  return { kind: 'named', names: gpus.replace(/^"?device=|"$/g, '').split(',') };
}

function visibleGpus(variable: string | undefined): GpuChoice {
  if (variable === undefined) return { kind: 'all' };
  const names = variable.split(',').map((name) => name.trim());
  // CUDA sees those before the first that is none.
  const end = names.findIndex((name) => name === '' || name.startsWith('-'));
  const seen = end < 0 ? names : names.slice(0, end);
  return seen.length === 0 ? null : { kind: 'named', names: seen };
}

export function isChosen(choice: GpuChoice, { index, uuid }: Pick<GpuReading, 'index' | 'uuid'>): boolean {
  if (choice === null) return false;
  if (choice.kind === 'all') return true;
  if (choice.kind === 'first') return index < choice.count;
  return choice.names.some((name) => {
    // A part of a GPU is `0:1`, or `MIG-GPU-…/1/0`: its GPU is what can be measured.
    const number = /^(\d+)(?::\d+)?$/.exec(name)?.[1];
    if (number !== undefined) return index === Number(number);
    const named = name.replace(/^MIG-(?=GPU-)/, '').replace(/\/.*$/, '');
    return named !== '' && uuid.startsWith(named);
  });
}

/** Asks nvidia-smi for the chosen GPUs. Throws an error that says what it said; `isNotInstalled` tells where there is none. */
export async function readGpus(
  choice: GpuChoice,
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<GpuReading[]> {
  let onGone = (): void => {};
  const gone = new Promise<void>((resolve) => {
    onGone = resolve;
  });
  const { PATH, LD_LIBRARY_PATH } = environment;
  try {
    const end = await runProgram('nvidia-smi', query, { environment: { PATH, LD_LIBRARY_PATH }, signal, onGone });
    if (end.exitCode !== 0) {
      const said = lastLine(end.stderr) || lastLine(end.stdout);
      throw new Error(`nvidia-smi ended with ${said === '' ? `exit code ${end.exitCode}` : `“${said}”`}`);
    }
    return parseReadings(end.stdout).filter((gpu) => isChosen(choice, gpu));
  } catch (error) {
    // One that hangs inside the driver outlives its end by force: another one would hang beside it.
    if (signal.aborted && !isNotInstalled(error)) await gone;
    throw error;
  }
}

/** Reads the answer: a line for each GPU, its fields parted by commas; what a GPU does not tell is `[N/A]` or the like. */
export function parseReadings(text: string): GpuReading[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const [index = '', uuid = '', ...values] = line.split(',').map((field) => field.trim());
    if (!/^\d+$/.test(index) || values.length !== fields.length - 2) {
      throw new Error(`nvidia-smi said “${line.trim()}”`);
    }
    const [utilizationPercent, memoryUsedMiB, memoryTotalMiB, powerWatts, powerLimitWatts, temperatureCelsius] =
      values.map((value) => (/^-?\d+(\.\d+)?$/.test(value) ? Number(value) : null)) as [
        number | null,
        number | null,
        number | null,
        number | null,
        number | null,
        number | null,
      ];
    return {
      index: Number(index),
      uuid,
      ...{ utilizationPercent, memoryUsedMiB, memoryTotalMiB, powerWatts, powerLimitWatts, temperatureCelsius },
    };
  });
}
