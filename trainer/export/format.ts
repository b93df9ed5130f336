import type { LayersModel, TensorFlow } from '../tensorflow/library.ts';

/** What is written of a model, whatever the format. */
export interface FormatInput {
  readonly tf: TensorFlow;
  readonly model: LayersModel;
  /** The model's folder, which is there. */
  readonly directory: string;
  /** What `classes.json` says: classes, threshold, preprocessing. */
  readonly description: object;
  /** Examples of the test set, row-major. */
  readonly examples: Float32Array;
}

/** Names of MLflow's ends where it wants named ones: MLflow feeds a SavedModel by name. */
export interface NamedEnds {
  readonly input: string;
  readonly output: string;
}

/** How MLflow's `python_function` loads a format. */
export interface PythonFunction {
  readonly loaderModule: string;
  /** Handed to the loader; the model's folder itself where there is none. */
  readonly data?: string;
  readonly ends?: NamedEnds;
}

/** What a format left in the model's folder, and how MLflow finds it. */
export interface WrittenFormat {
  /** Files, relative to the model's folder. */
  readonly files: readonly string[];
  /** Small files by path. Where two formats have the same one, the better one's stays. */
  readonly texts?: Readonly<Record<string, string>>;
  /** What people load: a file, or the folder of a format that is one. */
  readonly modelPath: string;
  /** Flavors of `MLmodel`, by name. Where two formats give the same, the better one's stays. */
  readonly flavors: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly pythonFunction?: PythonFunction;
  /** Python packages that load it. */
  readonly packages: readonly PythonPackage[];
}

export type PythonPackage = 'keras' | 'tensorflow' | 'onnx' | 'onnxruntime';

/** A format that a model can be written in. */
export interface ExportFormat {
  /** Of this format there are models that it cannot hold: it is then left out with a warning, and nothing fails. */
  readonly isLeftOutIfUnsupported?: true;
  /** Throws an UnsupportedLayerError, or a SlipwayError, where `write` would. */
  check(tf: TensorFlow, model: LayersModel): void;
  write(input: FormatInput): Promise<WrittenFormat>;
}
