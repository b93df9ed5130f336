import { stringify } from 'yaml';
import { pythonVersions } from './versions.ts';

export interface ModelDescription {
  readonly inputShape: readonly number[];
  /** Number of values the model gives per example. */
  readonly outputs: number;
  readonly tfjsVersion: string;
  readonly sizeBytes: number;
  /** Shown by MLflow and handed to `model.metadata` in Python. */
  readonly metadata: object;
}

/**
 * The `MLmodel` file. `run_id`, `model_id`, `artifact_path` and `utc_time_created` belong to the upload and are not
 * there yet.
 */
export function mlmodelYaml(description: ModelDescription): string {
  return stringify(
    {
      flavors: {
        python_function: {
          data: 'data',
          env: { conda: 'conda.yaml', virtualenv: 'python_env.yaml' },
          loader_module: 'mlflow.tensorflow',
          python_version: pythonVersions.python,
        },
        tensorflow: {
          code: null,
          data: 'data',
          keras_version: pythonVersions.keras,
          model_type: 'keras',
          save_format: 'tf',
        },
        tfjs: {
          code: null,
          format: 'layers-model',
          model_path: 'tfjs/model.json',
          tfjs_version: description.tfjsVersion,
        },
      },
      is_signature_from_type_hint: false,
      metadata: description.metadata,
      mlflow_version: pythonVersions.mlflow,
      model_size_bytes: description.sizeBytes,
      saved_input_example_info: {
        artifact_path: 'input_example.json',
        serving_input_path: 'serving_input_example.json',
        type: 'ndarray',
      },
      signature: {
        inputs: tensorSchema([-1, ...description.inputShape]),
        outputs: tensorSchema([-1, description.outputs]),
        params: null,
      },
      type_hint_from_example: false,
    },
    { lineWidth: 0 },
  );
}

/** MLflow keeps schemas as JSON text inside the YAML. */
function tensorSchema(shape: readonly number[]): string {
  return JSON.stringify([{ type: 'tensor', 'tensor-spec': { dtype: 'float32', shape } }]);
}

/** What Python needs to load the model: `requirements.txt`, `python_env.yaml`, `conda.yaml`, by file name. */
export function environmentFiles(): Readonly<Record<string, string>> {
  const packages = [
    `mlflow==${pythonVersions.mlflow}`,
    `keras==${pythonVersions.keras}`,
    `tensorflow==${pythonVersions.tensorflow}`,
  ];
  return {
    'requirements.txt': `${packages.join('\n')}\n`,
    'python_env.yaml': stringify({
      python: pythonVersions.python,
      build_dependencies: ['pip', 'setuptools', 'wheel'],
      dependencies: ['-r requirements.txt'],
    }),
    'conda.yaml': stringify({
      name: 'mlflow-env',
      channels: ['conda-forge'],
      dependencies: [`python=${pythonVersions.python}`, 'pip', { pip: packages }],
    }),
  };
}
