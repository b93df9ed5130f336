import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { pythonPath } from './python.ts';
import { random } from './random-numbers.ts';

/** Puts inputs beside the folder of an exported model, for `examineWithPython` to predict of. */
export async function writeProbe(folder: string, inputs: Float32Array, shape: readonly number[]): Promise<void> {
  await writeFile(`${folder}.probe.json`, JSON.stringify({ inputs: Array.from(inputs), shape }));
}

/** What a program of `test/fixtures/export` says of exported models, by their folders. */
export async function examineWithPython<Examined>(
  program: string,
  folders: readonly string[],
): Promise<Record<string, Examined>> {
  const file = fileURLToPath(new URL(`../fixtures/export/${program}`, import.meta.url));
  const { stdout } = await promisify(execFile)(await pythonPath(), [file, ...folders], {
    maxBuffer: 1 << 28,
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '-1', PYTHONDONTWRITEBYTECODE: '1' },
  });
  const line = stdout.split('\n').find((text) => text.startsWith('RESULTS '));
  return JSON.parse(line?.slice('RESULTS '.length) ?? '{}');
}

/** Numbers for pictures and vectors, whole numbers for words, a masked end for sequences that have one. */
export function inputsFor(name: string, shape: readonly number[]): Float32Array {
  const next = random(shape.length * 31 + name.length);
  const size = shape.reduce((product, length) => product * length, 1);
  if (name === 'recurrent') return Float32Array.from({ length: size }, () => Math.floor(next() * 20));
  if (name === 'masked') return Float32Array.from({ length: size }, (_, index) => (index % 12 >= 8 ? 0 : next() + 0.1));
  // Each example louder than the one before, so that their predictions differ.
  const perExample = size / (shape[0] as number);
  return Float32Array.from({ length: size }, (_, index) => (2 * next() - 1) * (1 + Math.floor(index / perExample)));
}

export function largestDifference(actual: readonly number[], expected: Float32Array): number {
  expect(actual).toHaveLength(expected.length);
  return Math.max(...actual.map((value, index) => Math.abs(value - (expected[index] as number))));
}
