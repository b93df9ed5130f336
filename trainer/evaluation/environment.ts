import { readdir, readFile, writeFile } from 'node:fs/promises';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { nodeBackend } from '../tensorflow/backend.ts';
import type { TensorFlow } from '../tensorflow/library.ts';

/** Instruction sets that decide which kernels TensorFlow chooses, and so the last digits of its numbers. */
const relevantFlags = /^(sse4_[12]|avx|avx2|avx_vnni|fma|f16c|avx512\w+|amx_\w+|asimd\w*|neon|sve\w*|bf16|i8mm|fphp)$/;

export interface EnvironmentOptions {
  readonly directory: string;
  readonly tf: TensorFlow;
  /** Threads an operation of TensorFlow uses. */
  readonly threads: number;
  /** The container image, where the program was told. */
  readonly image?: string | null;
  /** Where the system's files are; `/` but in tests. */
  readonly root?: string;
}

/**
 * Writes `environment.json`: what a run's numbers depend on besides code, parameters and data.
 *
 * @returns the file's path, in a list like that of the other artifacts.
 */
export async function writeEnvironment(options: EnvironmentOptions): Promise<string[]> {
  const file = join(options.directory, 'environment.json');
  await writeFile(file, `${JSON.stringify(await describeEnvironment(options), null, 2)}\n`);
  return [file];
}

export async function describeEnvironment(options: Omit<EnvironmentOptions, 'directory'>): Promise<object> {
  const { tf, threads, image, root = '/' } = options;
  const read = (path: string) => readText(join(root, path));
  const backend = nodeBackend(tf);
  const memoryLimit = Number(await read('sys/fs/cgroup/memory.max'));
  return {
    node: process.versions.node,
    tensorflow: {
      library: backend.binding.TF_Version ?? null,
      tfjs: tf.version.tfjs,
      tfjs_node: (tf.version as Readonly<Record<string, string>>)['tfjs-node'] ?? null,
      threads,
      device: backend.isUsingGpuDevice ? 'GPU' : 'CPU',
    },
    cpu: {
      model: cpus()[0]?.model.trim() ?? null,
      architecture: arch(),
      instruction_sets: instructionSets(await read('proc/cpuinfo')),
      cores: cpus().length,
      available_cores: availableParallelism(),
    },
    memory_bytes: totalmem(),
    memory_limit_bytes: Number.isFinite(memoryLimit) && memoryLimit > 0 ? memoryLimit : null,
    gpu: await describeGpus(root),
    platform: { system: platform(), release: release(), distribution: distribution(await read('etc/os-release')) },
    image: image ?? null,
  };
}

/** `CPU`, or the model of the GPU that is used, as its driver names it; `GPU` where it does not. */
export async function deviceName(tf: TensorFlow, root = '/'): Promise<string> {
  if (!nodeBackend(tf).isUsingGpuDevice) return 'CPU';
  const models = (await describeGpus(root))?.models.filter((model) => model !== null) ?? [];
  return models.length === 0 ? 'GPU' : [...new Set(models)].join(', ');
}

function instructionSets(cpuInformation: string): string[] {
  // `flags` on x86, `Features` on ARM.
  const flags = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(cpuInformation)?.[1] ?? '';
  return flags.split(/\s+/).filter((flag) => relevantFlags.test(flag));
}

function distribution(osRelease: string): string | null {
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease)?.[1] ?? null;
}

interface GpuDescription {
  readonly driver: string | null;
  readonly models: readonly (string | null)[];
}

/** The GPUs the driver shows, whether used or not; null where there is no NVIDIA driver. */
async function describeGpus(root: string): Promise<GpuDescription | null> {
  const directory = join(root, 'proc/driver/nvidia');
  const version = await readText(join(directory, 'version'));
  if (version === '') return null;
  const addresses = await readdir(join(directory, 'gpus')).catch(() => []);
  const models = await Promise.all(
    addresses.sort().map(async (address) => {
      const information = await readText(join(directory, 'gpus', address, 'information'));
      return /^Model:\s*(.*)$/m.exec(information)?.[1]?.trim() ?? null;
    }),
  );
  return { driver: /Kernel Module\s+(?:for \S+\s+)?([\d.]+)/.exec(version)?.[1] ?? null, models };
}

/** A text file's content; empty where it is not there: what the kernel offers differs from machine to machine. */
function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
