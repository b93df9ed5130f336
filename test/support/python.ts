import { hasPython, testPython } from './python-environment.ts';
import { skip, skipWithout } from './skip.ts';

const noPython = 'python3 with its venv module is not installed';
let found: Promise<string | null> | undefined;

/**
 * The interpreter of a Python with MLflow, TensorFlow, scikit-learn and onnxruntime. Skips the test where there is no
 * Python.
 */
export async function pythonPath(): Promise<string> {
  found ??= testPython();
  return skipWithout(await found, noPython);
}

/** Skips the test where there is no `python3` that can make a virtual environment. */
export async function requirePython(): Promise<void> {
  if (!(await hasPython())) skip(noPython);
}
