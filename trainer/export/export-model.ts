import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CannotWriteError, errorCode, errorMessage, SlipwayError } from '../../src/errors.ts';
import type { LayersModel } from '../tensorflow/library.ts';
import { nestedArray } from './input-example.ts';
import { writeKerasArchive } from './keras-archive.ts';
import { environmentFiles, mlmodelYaml } from './mlmodel.ts';
import { convertModel } from './model-conversion.ts';
import { tfjsModelJson } from './tfjs-model.ts';
import { writeWeightFiles } from './weight-files.ts';

export interface ExportOptions {
  readonly tf: { readonly version: { readonly tfjs: string } };
  /** A Sequential or Functional model with one input and one output. */
  readonly model: LayersModel;
  /** The folder to write. One that is there already is replaced. */
  readonly directory: string;
  readonly name: string;
  /** By label: the class of label 1 is the positive one where the model gives one value. */
  readonly classNames: readonly string[];
  /** Shape of one example: `[height, width, channels]` for images. */
  readonly inputShape: readonly number[];
  /** How an image becomes the model's input, in words or as data: kept beside the model, not run. */
  readonly preprocessing: unknown;
  /** `exampleCount` examples one after another, row-major. */
  readonly inputExample: Float32Array;
  readonly exampleCount: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly dataSource: unknown;
  /** From which value on a model with one output says the positive class; default 0.5. */
  readonly threshold?: number;
}

/**
 * Throws an UnsupportedLayerError (or a SlipwayError for a model of another form) where `exportModel` would: asked
 * before a long training begins.
 */
export function checkExportable(model: LayersModel): void {
  convertModel(model);
}

/**
 * Writes a model as an MLflow model folder that Python (mlflow, Keras) and tfjs load, without Python.
 * Everything is written beside `directory` first, then renamed: there is never half a model.
 *
 * @returns the size of the folder's files.
 * @throws UnsupportedLayerError, SlipwayError where shapes do not fit, CannotWriteError.
 */
export async function exportModel(options: ExportOptions): Promise<{ sizeBytes: number }> {
  checkShapes(options);
  try {
    return { sizeBytes: await writeAndRename(options) };
  } catch (error) {
    if (error instanceof SlipwayError || errorCode(error) === undefined) throw error;
    throw new CannotWriteError(`the model cannot be written to ${options.directory}: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}

async function writeAndRename(options: ExportOptions): Promise<number> {
  const partial = `${options.directory}.partial-${process.pid}`;
  await mkdir(dirname(partial), { recursive: true });
  await rm(partial, { recursive: true, force: true });
  try {
    const sizeBytes = await writeFiles(options, partial);
    await replaceDirectory(partial, options.directory);
    return sizeBytes;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function writeFiles(options: ExportOptions, directory: string): Promise<number> {
  const { model, classNames, inputShape, exampleCount } = options;
  const { topology, kerasConfig, weights: placed, outputs } = convertModel(model);
  const isBinary = outputs === 1;
  const classes = {
    class_names: classNames,
    positive_class: isBinary ? (classNames[1] ?? null) : null,
    threshold: isBinary ? (options.threshold ?? 0.5) : null,
    input_shape: inputShape,
    preprocessing: options.preprocessing,
  };

  await mkdir(join(directory, 'data'), { recursive: true });
  await mkdir(join(directory, 'tfjs'));
  const hdf5 = join(directory, 'data', 'model.weights.h5');
  const weights = await writeWeightFiles(placed, { hdf5, binary: join(directory, 'tfjs', 'weights.bin') });
  await writeKerasArchive(join(directory, 'data', 'model.keras'), kerasConfig, hdf5);
  await rm(hdf5);

  const example = JSON.stringify(nestedArray(options.inputExample, [exampleCount, ...inputShape]));
  const texts: Readonly<Record<string, string>> = {
    'data/keras_module.txt': 'keras',
    'data/save_format.txt': 'tf',
    'tfjs/model.json': JSON.stringify(
      tfjsModelJson({
        topology,
        tfjsVersion: options.tf.version.tfjs,
        weightsFile: 'weights.bin',
        weights,
        metadata: classes,
      }),
    ),
    'input_example.json': example,
    'serving_input_example.json': `{"inputs": ${example}}`,
    'classes.json': `${JSON.stringify(classes, null, 2)}\n`,
    ...environmentFiles(),
  };
  for (const [file, text] of Object.entries(texts)) await writeFile(join(directory, file), text);
  const sizeBytes = await totalSize(directory, [...Object.keys(texts), 'data/model.keras', 'tfjs/weights.bin']);
  const metadata = { name: options.name, ...classes, parameters: options.parameters, data_source: options.dataSource };
  const mlmodel = mlmodelYaml({ inputShape, outputs, tfjsVersion: options.tf.version.tfjs, sizeBytes, metadata });
  await writeFile(join(directory, 'MLmodel'), mlmodel);
  return sizeBytes + Buffer.byteLength(mlmodel);
}

/** A folder cannot be renamed onto another one that has files: the old one steps aside first. */
async function replaceDirectory(partial: string, directory: string): Promise<void> {
  const old = `${directory}.old-${process.pid}`;
  const isThere = await stat(directory).then(
    () => true,
    () => false,
  );
  if (isThere) await rename(directory, old);
  await rename(partial, directory);
  await rm(old, { recursive: true, force: true });
}

function checkShapes({ model, inputShape, inputExample, exampleCount, directory }: ExportOptions): void {
  const expected = (model.inputs[0]?.shape ?? []).slice(1);
  if (expected.length !== inputShape.length || expected.some((size, index) => (size ?? -1) !== inputShape[index])) {
    throw new SlipwayError(
      `the model's input has the shape [${expected.join(', ')}], but [${inputShape.join(', ')}] was said for ${directory}`,
    );
  }
  const length = inputShape.reduce((product, size) => product * size, exampleCount);
  if (inputExample.length !== length) {
    throw new SlipwayError(
      `the input example holds ${inputExample.length} values, but ${exampleCount} examples of [${inputShape.join(', ')}] need ${length}`,
    );
  }
}

async function totalSize(directory: string, files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(directory, file))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
