import { describe, expect, it } from 'vitest';
import { gpuChoice, isChosen, parseReadings } from '../../../src/system-metrics/gpus.ts';

const uuids = ['GPU-8932f937-d72c-4106-c12f-20bd9faed9f6', 'GPU-11111111-d72c-4106-c12f-20bd9faed9f6', 'GPU-2222'];

/** Indices of the chosen ones of three GPUs. */
function chosen(...words: Parameters<typeof gpuChoice>): number[] {
  const choice = gpuChoice(...words);
  return uuids.flatMap((uuid, index) => (isChosen(choice, { index, uuid }) ? [index] : []));
}

describe('the GPUs of a run', () => {
  it.each([
    ['all', [0, 1, 2]],
    ['2', [0, 1]],
    ['device=0,2', [0, 2]],
    ['"device=1"', [1]],
    [`device=${uuids[1]}`, [1]],
    ['device=GPU-8932', [0]],
    ['device=1:0', [1]],
    [`device=MIG-${uuids[0]}/1/0`, [0]],
    ['device=7', []],
  ])('are those that --gpus %s gives', (gpus, wanted) => {
    expect(chosen(gpus, 'docker', { CUDA_VISIBLE_DEVICES: '2' })).toEqual(wanted);
  });

  it('are none in a container that was given none', () => {
    expect(chosen(null, 'docker', {})).toEqual([]);
  });

  it.each([
    [undefined, [0, 1, 2]],
    ['', []],
    ['-1', []],
    ['2, 0', [0, 2]],
    ['1,-1,2', [1]],
    ['GPU-1111', [1]],
  ])('are on the host those of CUDA_VISIBLE_DEVICES %s', (variable, wanted) => {
    expect(chosen(null, 'host', { CUDA_VISIBLE_DEVICES: variable })).toEqual(wanted);
  });
});

describe("nvidia-smi's answer", () => {
  it('is read, line by line', () => {
    const text = `0, ${uuids[0]}, 93, 20480, 24564, 412.31, 450.00, 71\n1, ${uuids[1]}, 0, 3, 24564, 21.07, 450.00, 34\n`;
    expect(parseReadings(text)).toEqual([
      {
        index: 0,
        uuid: uuids[0],
        utilizationPercent: 93,
        memoryUsedMiB: 20_480,
        memoryTotalMiB: 24_564,
        powerWatts: 412.31,
        powerLimitWatts: 450,
        temperatureCelsius: 71,
      },
      expect.objectContaining({ index: 1, utilizationPercent: 0, memoryUsedMiB: 3 }),
    ]);
  });

  it.each(['[N/A]', '[Not Supported]', 'N/A', '[Unknown Error]', '[GPU requires reset]', ''])(
    'may be %j for what a GPU does not tell',
    (untold) => {
      const [gpu] = parseReadings(`0, GPU-1, ${untold}, 3, 24564, ${untold}, ${untold}, 34`);
      expect(gpu).toMatchObject({
        utilizationPercent: null,
        powerWatts: null,
        powerLimitWatts: null,
        memoryUsedMiB: 3,
      });
    },
  );

  it('is refused where it is no answer, in its own words', () => {
    expect(() => parseReadings('Failed to initialize NVML: Driver/library version mismatch\n')).toThrow(
      'nvidia-smi said “Failed to initialize NVML: Driver/library version mismatch”',
    );
  });
});
