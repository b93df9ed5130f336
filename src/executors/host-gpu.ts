import { stat } from 'node:fs/promises';
import { UnavailableError } from '../errors.ts';

/** Throws UnavailableError on a machine without an NVIDIA driver. */
export async function requireGpu(): Promise<void> {
  try {
    await stat('/dev/nvidiactl');
  } catch (error) {
    throw new UnavailableError(
      'GPUs were asked for with --gpus, and this machine has no NVIDIA driver: /dev/nvidiactl is missing.',
      {
        hint: 'Install the NVIDIA driver, or run without --gpus.',
        cause: error,
      },
    );
  }
}
