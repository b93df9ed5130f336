import { existsSync, readdirSync } from 'node:fs';
import { SlipwayError } from '../../src/errors.ts';
import type { NodeBackend } from './backend.ts';

/** What tells why a GPU is not used. */
export interface GpuEvidence {
  readonly asked: string;
  readonly deviceFiles: readonly string[];
  /** Whether the driver's library is where the container toolkit puts it. */
  readonly driver: boolean;
}

function gatherEvidence(asked: string): GpuEvidence {
  const deviceFiles = readdirSync('/dev').filter((name) => /^nvidia\d+$/.test(name));
  const driver = existsSync('/proc/driver/nvidia/version');
  return { asked, deviceFiles, driver };
}

/** What to check, the likeliest cause first. */
export function explainMissingGpu({ asked, deviceFiles, driver }: GpuEvidence): SlipwayError {
  const cause =
    deviceFiles.length === 0
      ? 'no NVIDIA device is visible here'
      : driver
        ? 'the device is visible, but TensorFlow could not load its GPU libraries'
        : "the device is visible, but the driver's kernel module does not answer";
  const check =
    deviceFiles.length === 0
      ? 'Check nvidia-smi on the host, that the NVIDIA container toolkit is installed, and the number given to --gpus.'
      : 'Check that the image is the GPU flavour, that NVIDIA_DRIVER_CAPABILITIES holds compute,utility, and that the driver supports CUDA 12.5.';
  return new SlipwayError(`GPUs were asked for (${asked}), but TensorFlow runs on the CPU: ${cause}.`, { hint: check });
}

/** The device in use. Throws SlipwayError where GPUs were asked for and the library fell back to the CPU. */
export function checkDevice(backend: NodeBackend, asked: string | null): 'CPU' | 'GPU' {
  if (backend.isUsingGpuDevice) return 'GPU';
  if (asked !== null) throw explainMissingGpu(gatherEvidence(asked));
  return 'CPU';
}
