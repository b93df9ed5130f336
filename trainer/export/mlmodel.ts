import { stringify } from 'yaml';
import type { PythonPackage, WrittenFormat } from './format.ts';
import { pythonVersions } from './versions.ts';

export interface ModelDescription {
  /** The formats that were written, the better ones first. */
  readonly formats: readonly WrittenFormat[];
  readonly inputShape: readonly number[];
  /** Of what the model gives for an example. */
  readonly outputShape: readonly number[];
  readonly sizeBytes: number;
  /** Shown by MLflow and handed to `model.metadata` in Python. */
  readonly metadata: object;
}

/** The format by which MLflow predicts in Python: the first that can. */
export function servingFormat(formats: readonly WrittenFormat[]): WrittenFormat | undefined {
  return formats.find(({ pythonFunction }) => pythonFunction !== undefined);
}

/**
 * The `MLmodel` file. `run_id`, `model_id`, `artifact_path` and `utc_time_created` belong to the upload and are not
 * there yet.
 */
export function mlmodelYaml(description: ModelDescription): string {
  const { formats, inputShape, outputShape } = description;
  const serving = servingFormat(formats)?.pythonFunction;
  const pythonFunction = serving && {
    ...(serving.data === undefined ? {} : { data: serving.data }),
    env: { conda: 'conda.yaml', virtualenv: 'python_env.yaml' },
    loader_module: serving.loaderModule,
    python_version: pythonVersions.python,
  };
  const flavors: Record<string, unknown> = pythonFunction === undefined ? {} : { python_function: pythonFunction };
  for (const format of formats) {
    for (const [name, flavor] of Object.entries(format.flavors)) flavors[name] ??= flavor;
  }
  return stringify(
    {
      flavors,
      is_signature_from_type_hint: false,
      metadata: description.metadata,
      mlflow_version: pythonVersions.mlflow,
      model_size_bytes: description.sizeBytes,
      saved_input_example_info: {
        artifact_path: 'input_example.json',
        serving_input_path: 'serving_input_example.json',
        type: serving?.ends === undefined ? 'ndarray' : 'json_object',
      },
      signature: {
        inputs: tensorSchema([-1, ...inputShape], serving?.ends?.input),
        outputs: tensorSchema([-1, ...outputShape], serving?.ends?.output),
        params: null,
      },
      type_hint_from_example: false,
    },
    // Python reads YAML 1.1, where a bare yes is true and 12:30 is a number.
    { lineWidth: 0, version: '1.1', defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' },
  );
}

/** MLflow keeps schemas as JSON text inside the YAML. */
function tensorSchema(shape: readonly number[], name?: string): string {
  const tensor = { type: 'tensor', 'tensor-spec': { dtype: 'float32', shape } };
  return JSON.stringify([name === undefined ? tensor : { ...tensor, name }]);
}

/** What Python needs to load the model: `requirements.txt`, `python_env.yaml`, `conda.yaml`, by file name. */
export function environmentFiles(needed: readonly PythonPackage[]): Readonly<Record<string, string>> {
  const packages = (['mlflow', ...new Set(needed)] as const).map((name) => `${name}==${pythonVersions[name]}`);
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
