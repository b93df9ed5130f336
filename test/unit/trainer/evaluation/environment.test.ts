import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { describeEnvironment, deviceName, writeEnvironment } from '../../../../trainer/evaluation/environment.ts';
import type { TensorFlow } from '../../../../trainer/tensorflow/library.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';
import { quietTensorFlow } from '../../../support/tensorflow.ts';

const tf = quietTensorFlow();

test('tells the versions, the processor and the device of this machine', async () => {
  await using directory = await temporaryDirectory();
  const [file] = await writeEnvironment({ directory: directory.path, tf, threads: 2, image: 'slipway:0123456789ab' });
  const environment = JSON.parse(await readFile(file as string, 'utf8'));
  expect(environment).toMatchObject({
    node: process.versions.node,
    tensorflow: { tfjs: tf.version.tfjs, threads: 2 },
    image: 'slipway:0123456789ab',
  });
  expect(environment.tensorflow.library).toMatch(/^\d+\.\d+\.\d+/);
  expect(environment.cpu.cores).toBeGreaterThan(0);
});

test('reads instruction sets, limits and GPUs where the kernel tells them', async () => {
  await using root = await temporaryDirectory();
  const files: Readonly<Record<string, string>> = {
    'proc/cpuinfo': 'processor\t: 0\nflags\t\t: fpu sse4_2 avx2 fma avx512f amx_tile ht\n',
    'sys/fs/cgroup/memory.max': '4294967296\n',
    'etc/os-release': 'NAME=x\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    'proc/driver/nvidia/version':
      'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build\nGCC version: 12\n',
    'proc/driver/nvidia/gpus/0000:01:00.0/information': 'Model: \t\t NVIDIA H200\nIRQ: 1\n',
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(root.join(path)), { recursive: true });
    await writeFile(root.join(path), text);
  }
  expect(await describeEnvironment({ tf, threads: 1, root: root.path })).toMatchObject({
    cpu: { instruction_sets: ['sse4_2', 'avx2', 'fma', 'avx512f', 'amx_tile'] },
    memory_limit_bytes: 4294967296,
    gpu: { driver: '570.86.15', models: ['NVIDIA H200'] },
    platform: { distribution: 'Debian GNU/Linux 12 (bookworm)' },
    image: null,
  });
});

test('leaves out what the machine does not tell', async () => {
  await using root = await temporaryDirectory();
  expect(await describeEnvironment({ tf, threads: 1, root: root.path })).toMatchObject({
    cpu: { instruction_sets: [] },
    memory_limit_bytes: null,
    gpu: null,
  });
});

test('names the device in use: the CPU, or the model of the GPU where the driver tells it', async () => {
  await using root = await temporaryDirectory();
  const using = (isUsingGpuDevice: boolean) => ({ backend: () => ({ isUsingGpuDevice }) }) as unknown as TensorFlow;
  expect(await deviceName(using(false), root.path)).toBe('CPU');
  expect(await deviceName(using(true), root.path)).toBe('GPU');
  for (const address of ['0000:01:00.0', '0000:02:00.0']) {
    const file = root.join(`proc/driver/nvidia/gpus/${address}/information`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, 'Model: \t\t NVIDIA H100 80GB HBM3\nIRQ: 1\n');
  }
  await writeFile(root.join('proc/driver/nvidia/version'), 'NVRM version: Kernel Module  570.86.15\n');
  expect(await deviceName(using(true), root.path)).toBe('NVIDIA H100 80GB HBM3');
  expect(await deviceName(using(false), root.path)).toBe('CPU');
});
