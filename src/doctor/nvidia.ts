import { access, readFile } from 'node:fs/promises';
import { errorCode } from '../errors.ts';
import { isNotInstalled, lastLine, runProgram } from '../util/run-program.ts';
import type { DoctorContext } from './context.ts';

/** One GPU, as nvidia-smi tells it. */
export interface GpuDevice {
  readonly index: number;
  readonly name: string;
  readonly memoryMiB: number;
  readonly uuid: string;
}

/** What nvidia-smi says: the devices, or why it cannot tell them. */
export type GpuReport =
  | { readonly state: 'devices'; readonly driverVersion: string; readonly devices: readonly GpuDevice[] }
  | { readonly state: 'failed'; readonly reason: string }
  /** There is no nvidia-smi here. */
  | { readonly state: 'absent' };

const query = ['--query-gpu=index,name,memory.total,uuid,driver_version', '--format=csv,noheader,nounits'];

/** True where the kernel has an NVIDIA device. */
export async function hasNvidiaDevice(): Promise<boolean> {
  return access('/dev/nvidiactl').then(
    () => true,
    () => false,
  );
}

/** Asks nvidia-smi for driver and devices. */
export async function askNvidiaSmi({ environment }: DoctorContext, signal: AbortSignal): Promise<GpuReport> {
  try {
    const { exitCode, stdout, stderr } = await runProgram('nvidia-smi', query, { environment, signal });
    if (exitCode !== 0) {
      return { state: 'failed', reason: lastLine(stderr) || lastLine(stdout) || `it ended with exit code ${exitCode}` };
    }
    return parseGpuQuery(stdout);
  } catch (error) {
    if (isNotInstalled(error)) return { state: 'absent' };
    throw error;
  }
}

/** Reads the answer of `nvidia-smi --query-gpu=…`: a line for each GPU, its fields parted by a comma and a space. */
export function parseGpuQuery(text: string): GpuReport {
  const devices: GpuDevice[] = [];
  let driverVersion = '';
  for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
    // A name may hold anything but the comma that ends it.
    const [index, name, memory, uuid, driver] = line.split(', ');
    if (driver === undefined || name === undefined || uuid === undefined || !/^\d+$/.test(index ?? '')) {
      return { state: 'failed', reason: `it said “${line.trim()}”` };
    }
    driverVersion = driver.trim();
    devices.push({ index: Number(index), name, memoryMiB: Number(memory) || 0, uuid });
  }
  return { state: 'devices', driverVersion, devices };
}

/** Version of the kernel's driver, from `/proc/driver/nvidia/version`; null where none is loaded. */
export async function kernelDriverVersion(): Promise<string | null> {
  try {
    const text = await readFile('/proc/driver/nvidia/version', 'utf8');
    return /Kernel Module(?: for \S+)?\s+(\d+(?:\.\d+)+)/.exec(text)?.[1] ?? 'of an unknown version';
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
