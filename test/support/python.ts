import { hasPython, type PythonKind, testPython } from './python-environment.ts';
import { skip, skipWithout } from './skip.ts';

const noPython = 'python3 with its venv module is not installed';
const found: Partial<Record<PythonKind, Promise<string | null>>> = {};

/**
 * The interpreter of a Python with MLflow, TensorFlow, scikit-learn and onnxruntime, or of one with the oldest MLflow
 * that runs may report to. Skips the test where there is no Python.
 */
export async function pythonPath(kind: PythonKind = 'newest'): Promise<string> {
  found[kind] ??= testPython(kind);
  return skipWithout(await found[kind], noPython);
}

/** Skips the test where there is no `python3` that can make a virtual environment. */
export async function requirePython(): Promise<void> {
  if (!(await hasPython())) skip(noPython);
}
