import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { ensureHostTensorflow } from '../../src/executors/host-tensorflow.ts';

const checkout = resolve(import.meta.dirname, '../..');
const timeoutMs = 900_000;

/**
 * vitest's global set-up: makes TensorFlow loadable in this checkout, as `slipway run --engine host` does, once on a
 * machine. Tests of the trainer run it in their own process.
 */
export async function setup(): Promise<void> {
  const startedAtMs = Date.now();
  try {
    const made = await ensureHostTensorflow({
      projectDirectory: checkout,
      cacheDirectory: join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'slipway'),
      flavor: 'cpu',
      signal: AbortSignal.timeout(timeoutMs),
      onProgress: (line) => process.stderr.write(`${line}\n`),
    });
    if (made) process.stderr.write(`made TensorFlow ready in ${Math.round((Date.now() - startedAtMs) / 1000)} s\n`);
  } catch (error) {
    // The tests that need it say so, each by itself; the others can do without.
    process.stderr.write(`TensorFlow could not be made ready for the tests: ${String(error)}\n`);
  }
}
