import type { PythonFunction, PythonPackage } from './format.ts';
import { pythonVersions } from './versions.ts';

/** MLflow's flavor `tensorflow` for a model in `data/`: `model.keras` with the save format `tf`, `model.h5` with `h5`. */
export function kerasFlavor(saveFormat: 'tf' | 'h5'): Readonly<Record<string, unknown>> {
  return {
    code: null,
    data: 'data',
    keras_version: pythonVersions.keras,
    model_type: 'keras',
    save_format: saveFormat,
  };
}

/** The files in `data/` that tell MLflow the same. */
export function kerasHints(saveFormat: 'tf' | 'h5'): Readonly<Record<string, string>> {
  return { 'data/keras_module.txt': 'keras', 'data/save_format.txt': saveFormat };
}

export const kerasPythonFunction: PythonFunction = { loaderModule: 'mlflow.tensorflow', data: 'data' };

export const kerasPackages: readonly PythonPackage[] = ['keras', 'tensorflow'];
