import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { acquireProcessLock } from '../../src/util/process-lock.ts';

const run = promisify(execFile);

export const mlflowVersion = '3.17.2';
/** The oldest one that runs may report to. */
export const oldMlflowVersion = '2.22.2';
export const tensorflowVersion = '2.21.0';

/** What the tests need of Python: `newest` for everything, `oldest` for a server of MLflow 2 alone. */
const environments = {
  newest: {
    name: `test-python-mlflow-${mlflowVersion}-tensorflow-${tensorflowVersion}`,
    packages: [
      `mlflow[auth]==${mlflowVersion}`,
      `tensorflow-cpu==${tensorflowVersion}`,
      'scikit-learn',
      'onnx',
      'onnxruntime',
      'tensorboard',
    ],
  },
  oldest: {
    name: `test-python-mlflow-${oldMlflowVersion}`,
    // It imports names that later releases of SQLAlchemy do not have.
    packages: [`mlflow==${oldMlflowVersion}`, 'sqlalchemy<2.1'],
  },
} as const;

export type PythonKind = keyof typeof environments;

/**
 * The interpreter of a Python with MLflow, TensorFlow, TensorBoard, scikit-learn, onnx and onnxruntime (`newest`), or with
 * an MLflow of old (`oldest`): `SLIPWAY_TEST_PYTHON` and `SLIPWAY_TEST_OLD_PYTHON`, else a virtual environment that is
 * made once on a machine, in `~/.cache/slipway`. Null where there is no Python.
 */
export async function testPython(kind: PythonKind = 'newest'): Promise<string | null> {
  const given = kind === 'newest' ? process.env.SLIPWAY_TEST_PYTHON : process.env.SLIPWAY_TEST_OLD_PYTHON;
  if (given) return given;
  const { name, packages } = environments[kind];
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'slipway');
  const directory = join(cache, name);
  const python = join(directory, 'bin', 'python');
  // Lists the packages that were installed, so that an environment made earlier gets what was added since.
  const complete = join(directory, '.complete');
  const missing = async () => {
    const installed = await readFile(complete, 'utf8').catch(() => null);
    return installed === null ? packages : packages.filter((wanted) => !installed.split('\n').includes(wanted));
  };
  if ((await missing()).length === 0) return python;
  if (!existsSync(complete) && !(await hasPython())) return null;
  await using _lock = await acquireProcessLock(`test-python ${directory}`);
  const wanted = await missing();
  if (wanted.length === 0) return python;
  const startedAtMs = Date.now();
  process.stderr.write(`installing ${wanted.join(', ')} in ${directory}; this is done once and takes minutes\n`);
  if (!existsSync(complete)) {
    await rm(directory, { recursive: true, force: true });
    await mkdir(cache, { recursive: true });
    await run('python3', ['-m', 'venv', directory]);
  }
  await run(python, ['-m', 'pip', 'install', '--quiet', ...wanted], { maxBuffer: 64 * 1024 * 1024 });
  const before = await readFile(complete, 'utf8').catch(() => '');
  await writeFile(complete, [...new Set([...before.split('\n'), ...wanted])].filter((name) => name !== '').join('\n'));
  process.stderr.write(`installed it in ${Math.round((Date.now() - startedAtMs) / 1000)} s\n`);
  return python;
}

/** Whether there is a `python3` that can make a virtual environment. */
export async function hasPython(): Promise<boolean> {
  try {
    await run('python3', ['-c', 'import venv, ensurepip']);
    return true;
  } catch {
    return false;
  }
}

/** vitest's global set-up: the minutes that making the environment takes belong to no test's time. */
export async function setup(): Promise<void> {
  try {
    await testPython('newest');
    await testPython('oldest');
  } catch (error) {
    // The tests that need it fail with this, each by itself; the others can do without.
    process.stderr.write(`the Python for the tests could not be made: ${String(error)}\n`);
  }
}
