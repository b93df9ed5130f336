import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CannotWriteError, errorCode, errorMessage, SlipwayError } from '../../src/errors.ts';
import type { LayersModel, TensorFlow } from '../tensorflow/library.ts';
import { chooseFormats } from './check-exportable.ts';
import type { WrittenFormat } from './format.ts';
import { type ExportFormatName, exportFormats } from './formats/index.ts';
import { nestedArray } from './input-example.ts';
import { environmentFiles, mlmodelYaml, servingFormat } from './mlmodel.ts';
import { describeOutput, type OutputDescription } from './output.ts';
import { predictorFile, predictorProgram } from './predictor.ts';

export interface ExportOptions {
  readonly tf: TensorFlow;
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
  /** The probability from which on a model with one output says the positive class; default 0.5. */
  readonly threshold?: number;
  /** What the model is written in; default `defaultFormats`. */
  readonly formats?: readonly ExportFormatName[];
}

/** What was written. */
export interface ExportedModel {
  /** Of all files. */
  readonly sizeBytes: number;
  /** A sentence for each format that was left out. */
  readonly warnings: readonly string[];
  /** What people load, by format, the better ones first: a file, or the folder of a format that is one, relative to the model's folder. */
  readonly modelPaths: Readonly<Partial<Record<ExportFormatName, string>>>;
  /** The program that predicts, relative to the model's folder; null where Python cannot load the model. */
  readonly predictorPath: string | null;
  /** What the model gives, as `classes.json` tells it. */
  readonly output: OutputDescription;
}

/**
 * Writes a model as an MLflow model folder that Python (mlflow, Keras, TensorFlow, ONNX Runtime) and tfjs load, without
 * Python. Everything is written beside `directory` first, then renamed: there is never half a model.
 *
 * @throws UnsupportedLayerError, SlipwayError where shapes do not fit, CannotWriteError.
 */
export async function exportModel(options: ExportOptions): Promise<ExportedModel> {
  checkShapes(options);
  try {
    return await writeAndRename(options);
  } catch (error) {
    if (error instanceof SlipwayError || errorCode(error) === undefined) throw error;
    throw new CannotWriteError(`the model cannot be written to ${options.directory}: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}

async function writeAndRename(options: ExportOptions): Promise<ExportedModel> {
  const partial = `${options.directory}.partial-${process.pid}`;
  await mkdir(dirname(partial), { recursive: true });
  await rm(partial, { recursive: true, force: true });
  try {
    const exported = await writeFiles(options, partial);
    await replaceDirectory(partial, options.directory);
    return exported;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function writeFiles(options: ExportOptions, directory: string): Promise<ExportedModel> {
  const { tf, model, inputShape, preprocessing, inputExample, exampleCount } = options;
  const { formats: names, warnings } = chooseFormats(tf, model, options.formats);
  const description = describeOutput(model, options.classNames, options.threshold ?? 0.5);
  const classes = {
    ...description,
    input_shape: inputShape,
    preprocessing,
  };
  await mkdir(directory);
  const formats: WrittenFormat[] = [];
  for (const name of names) {
    const input = { tf, model, directory, description: classes, examples: inputExample };
    formats.push(await exportFormats[name].write(input));
  }
  const example = JSON.stringify(nestedArray(inputExample, [exampleCount, ...inputShape]));
  const serving = servingFormat(formats)?.pythonFunction;
  const inputName = serving?.ends?.input;
  const named = inputName === undefined ? example : `{"${inputName}": ${example}}`;
  const texts: Readonly<Record<string, string>> = {
    ...Object.assign({}, ...formats.toReversed().map((format) => format.texts)),
    'input_example.json': named,
    'serving_input_example.json': `{"inputs": ${named}}`,
    'classes.json': `${JSON.stringify(classes, null, 2)}\n`,
    ...(serving === undefined ? {} : { [predictorFile]: predictorProgram }),
    ...environmentFiles(formats.flatMap(({ packages }) => packages)),
  };
  for (const [file, text] of Object.entries(texts)) await writeFile(join(directory, file), text);
  const sizeBytes = await totalSize(directory, [...Object.keys(texts), ...formats.flatMap(({ files }) => files)]);
  const metadata = { name: options.name, ...classes, parameters: options.parameters, data_source: options.dataSource };
  const mlmodel = mlmodelYaml({ formats, inputShape, outputShape: classes.output_shape, sizeBytes, metadata });
  await writeFile(join(directory, 'MLmodel'), mlmodel);
  return {
    sizeBytes: sizeBytes + Buffer.byteLength(mlmodel),
    warnings,
    predictorPath: serving === undefined ? null : predictorFile,
    output: description,
    modelPaths: Object.fromEntries(names.map((name, index) => [name, formats[index]?.modelPath])),
  };
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
