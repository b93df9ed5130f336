import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { acquireProcessLock } from '../../src/util/process-lock.ts';
import { skip } from './skip.ts';

const run = promisify(execFile);

export const mlflowVersion = '3.17.2';
export const tensorflowVersion = '2.21.0';
const packages = [
  `mlflow[auth]==${mlflowVersion}`,
  `tensorflow-cpu==${tensorflowVersion}`,
  'scikit-learn',
  'onnxruntime',
];

let found: Promise<string> | undefined;

/**
 * The interpreter of a Python with MLflow, TensorFlow, scikit-learn and onnxruntime: `SLIPWAY_TEST_PYTHON`, else a
 * virtual environment that is made once on a machine, in `~/.cache/slipway`. Skips the test where there is no Python.
 */
export async function pythonPath(): Promise<string> {
  found ??= process.env.SLIPWAY_TEST_PYTHON ? Promise.resolve(process.env.SLIPWAY_TEST_PYTHON) : makeOnce();
  const python = await found.catch((error: unknown) => {
    if (error instanceof NoPython) return null;
    throw error;
  });
  return python ?? skip('python3 with its venv module is not installed');
}

class NoPython extends Error {}

async function makeOnce(): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'slipway');
  const directory = join(cache, `test-python-mlflow-${mlflowVersion}-tensorflow-${tensorflowVersion}`);
  const python = join(directory, 'bin', 'python');
  const complete = join(directory, '.complete');
  if (existsSync(complete)) return python;
  await using _lock = await acquireProcessLock(`test-python ${directory}`);
  if (existsSync(complete)) return python;
  try {
    await run('python3', ['-c', 'import venv, ensurepip']);
  } catch (cause) {
    throw new NoPython('python3 with its venv module is not installed', { cause });
  }
  const startedAtMs = Date.now();
  process.stderr.write(`making ${directory} with ${packages.join(', ')}; this is done once and takes minutes\n`);
  await rm(directory, { recursive: true, force: true });
  await mkdir(cache, { recursive: true });
  await run('python3', ['-m', 'venv', directory]);
  await run(python, ['-m', 'pip', 'install', '--quiet', ...packages], { maxBuffer: 64 * 1024 * 1024 });
  await writeFile(complete, '');
  process.stderr.write(`made ${directory} in ${Math.round((Date.now() - startedAtMs) / 1000)} s\n`);
  return python;
}

/** Skips the test where there is no `python3` that can make a virtual environment. */
export async function requirePython(): Promise<void> {
  try {
    await run('python3', ['-c', 'import venv, ensurepip']);
  } catch {
    skip('python3 with its venv module is not installed');
  }
}
