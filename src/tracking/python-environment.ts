import { existsSync, statSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CannotWriteError, errorCode, errorMessage, UnavailableError } from '../errors.ts';
import { runScript } from '../image/run-script.ts';
import { formatDuration } from '../util/index.ts';
import { tellTidied } from '../util/tidy-line.ts';
import { mlflowVersion } from './server-command.ts';
import type { EnsureTrackingServerOptions } from './types.ts';

/** Oldest Python that the pinned MLflow runs on. */
const oldestPython = [3, 10] as const;

/**
 * The Python interpreter that has the pinned MLflow: `SLIPWAY_MLFLOW_PYTHON`, else a virtual environment below
 * `<storage>/cache`, which is made here where it is missing. Throws UnavailableError with the reason where it cannot be.
 */
export async function pythonWithMlflow(options: EnsureTrackingServerOptions): Promise<string> {
  const named = options.environment.SLIPWAY_MLFLOW_PYTHON;
  if (named) return checkedInterpreter(named, options);
  const shared = join(options.storageDirectory, 'cache', `mlflow-${mlflowVersion}`);
  // One that somebody else has begun and not finished can be neither used nor removed: this user has one beside it.
  const own = `${shared}-${process.getuid?.() ?? 0}`;
  for (const each of [shared, own]) if (isComplete(each)) return pythonOf(each);
  const directory = isOthers(shared) ? own : shared;
  const python = pythonOf(directory);

  const system = await systemPython(options);
  const startedAtMs = Date.now();
  options.onProgress(`installing MLflow ${mlflowVersion} into ${directory} (once; about a minute)`);
  await makeEmpty(directory);
  await step(system, ['-m', 'venv', directory], 'make a virtual environment', options);
  await step(python, ['-m', 'pip', 'install', `mlflow==${mlflowVersion}`], `install MLflow ${mlflowVersion}`, options);
  await writeFile(join(directory, '.complete'), '');
  options.onProgress(`installed MLflow ${mlflowVersion} in ${formatDuration(Date.now() - startedAtMs)}`);
  return python;
}

function pythonOf(directory: string): string {
  return join(directory, 'bin', 'python');
}

function isComplete(directory: string): boolean {
  return existsSync(join(directory, '.complete')) && existsSync(pythonOf(directory));
}

function isOthers(directory: string): boolean {
  return (statSync(directory, { throwIfNoEntry: false })?.uid ?? process.getuid?.()) !== process.getuid?.();
}

/** An interpreter the person named must have exactly the pinned release: data of another one could be spoiled. */
async function checkedInterpreter(python: string, options: EnsureTrackingServerOptions): Promise<string> {
  const program = 'import importlib.metadata as m; print(m.version("mlflow"))';
  const { exitCode, lastLines } = await runPython(python, ['-c', program], options);
  const version = lastLines.at(-1);
  if (exitCode === 0 && version === mlflowVersion) return python;
  const found = exitCode === 0 ? `has MLflow ${version}` : `cannot tell its MLflow: ${version ?? 'it cannot be run'}`;
  throw new UnavailableError(
    `SLIPWAY_MLFLOW_PYTHON names ${python}, which ${found}; MLflow ${mlflowVersion} is needed.`,
  );
}

async function systemPython(options: EnsureTrackingServerOptions): Promise<string> {
  const program = 'import sys; print(*sys.version_info[:2]); import venv, ensurepip';
  const { exitCode, lastLines } = await runPython('python3', ['-c', program], options);
  if (exitCode === 127) throw new UnavailableError('python3 is not installed.', { hint: installHint });
  const [major = 0, minor = 0] = (lastLines[0] ?? '').split(' ').map(Number);
  if (major < oldestPython[0] || (major === oldestPython[0] && minor < oldestPython[1])) {
    throw new UnavailableError(`python3 is ${major}.${minor}, and MLflow needs ${oldestPython.join('.')} or newer.`);
  }
  if (exitCode !== 0) {
    throw new UnavailableError(`python3 has no venv module (${lastLines.at(-1)}).`, { hint: installHint });
  }
  return 'python3';
}

const installHint = 'On Debian and Ubuntu: `apt-get install python3-venv`';

async function makeEmpty(directory: string): Promise<void> {
  try {
    await rm(directory, { recursive: true, force: true });
    await mkdir(dirname(directory), { recursive: true });
  } catch (cause) {
    throw new CannotWriteError(`${directory} cannot be written: ${errorMessage(cause)}.`, { cause });
  }
}

async function step(
  program: string,
  arguments_: readonly string[],
  purpose: string,
  options: EnsureTrackingServerOptions,
): Promise<void> {
  const { exitCode, lastLines } = await runPython(program, arguments_, options, tellTidied(options.onProgress));
  if (exitCode === 0) return;
  throw new UnavailableError(`Python could not ${purpose}: ${cause(lastLines)}.`);
}

/** Runs an interpreter to its end; exit code 127 where there is none. */
async function runPython(
  program: string,
  arguments_: readonly string[],
  { environment, signal = new AbortController().signal }: EnsureTrackingServerOptions,
  onLine: (line: string) => void = () => undefined,
): Promise<{ readonly exitCode: number; readonly lastLines: readonly string[] }> {
  try {
    return await runScript(program, arguments_, { environment, signal, onLine });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { exitCode: 127, lastLines: [] };
    throw error;
  }
}

/** pip says what went wrong in its last line that begins with ERROR; what follows is advice. */
function cause(lastLines: readonly string[]): string {
  return (lastLines.findLast((line) => line.startsWith('ERROR')) ?? lastLines.at(-1) ?? 'it said nothing').trim();
}
