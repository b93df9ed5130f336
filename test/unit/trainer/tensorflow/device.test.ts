import { describe, expect, it } from 'vitest';
import type { NodeBackend } from '../../../../trainer/tensorflow/backend.ts';
import { checkDevice, explainMissingGpu } from '../../../../trainer/tensorflow/device.ts';

function backend(isUsingGpuDevice: boolean): NodeBackend {
  return { isUsingGpuDevice } as NodeBackend;
}

describe('checkDevice', () => {
  it('names the device in use', () => {
    expect(checkDevice(backend(false), null)).toBe('CPU');
    expect(checkDevice(backend(true), 'all')).toBe('GPU');
  });

  it('fails where a GPU was asked for and the library fell back to the CPU', () => {
    expect(() => checkDevice(backend(false), 'all')).toThrow(
      'GPUs were asked for (all), but TensorFlow runs on the CPU',
    );
  });
});

describe('explainMissingGpu', () => {
  it.each([
    [{ deviceFiles: [], driver: false }, 'no NVIDIA device is visible here', 'nvidia-smi'],
    [
      { deviceFiles: ['nvidia0'], driver: false },
      "driver's kernel module does not answer",
      'NVIDIA_DRIVER_CAPABILITIES',
    ],
    [{ deviceFiles: ['nvidia0'], driver: true }, 'could not load its GPU libraries', 'GPU flavour'],
  ])('tells the cause of %j and what to check', (evidence, cause, hint) => {
    const error = explainMissingGpu({ asked: '1', ...evidence });
    expect(error.message).toContain(cause);
    expect(error.hint).toContain(hint);
  });
});
