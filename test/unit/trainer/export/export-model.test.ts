import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { unzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { CannotWriteError } from '../../../../src/errors.ts';
import { type ExportOptions, exportModel } from '../../../../trainer/export/index.ts';
import { convolutionalModel, randomizeWeights } from '../../../support/export-models.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';
import { quietTensorFlow } from '../../../support/tensorflow.ts';

const tf = quietTensorFlow();
const model = randomizeWeights(tf, convolutionalModel(tf, 1, 1, 1), 1);

function options(directory: string, changes: Partial<ExportOptions> = {}): ExportOptions {
  return {
    tf,
    model,
    directory,
    name: 'cells',
    classNames: ['Uninfected', 'Parasitized'],
    inputShape: [20, 20, 1],
    preprocessing: { scale: 1 / 255 },
    inputExample: new Float32Array(400).fill(0.1),
    exampleCount: 1,
    parameters: {},
    dataSource: 'synthetic',
    ...changes,
  };
}

describe('exportModel', () => {
  test('writes a whole MLflow model folder and tells its size', async () => {
    await using directory = await temporaryDirectory();
    const folder = directory.join('model');
    const { sizeBytes, warnings, modelPaths, predictorPath } = await exportModel(options(folder));
    expect(warnings).toEqual([]);
    expect(modelPaths).toEqual({ keras: 'data/model.keras', onnx: 'model.onnx', tfjs: 'tfjs/model.json' });
    expect(predictorPath).toBe('predictor.py');
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    expect(files.map(({ name }) => name).sort()).toEqual([
      'MLmodel',
      'classes.json',
      'conda.yaml',
      'input_example.json',
      'keras_module.txt',
      'model.json',
      'model.keras',
      'model.onnx',
      'predictor.py',
      'python_env.yaml',
      'requirements.txt',
      'save_format.txt',
      'serving_input_example.json',
      'weights.bin',
    ]);
    const sizes = await Promise.all(files.map(async (file) => (await stat(`${file.parentPath}/${file.name}`)).size));
    expect(sizeBytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
    const mlmodel = parse(await readFile(`${folder}/MLmodel`, 'utf8'));
    expect(mlmodel).not.toHaveProperty('run_id');
    expect(mlmodel).not.toHaveProperty('utc_time_created');
    expect(mlmodel.flavors.tfjs).toEqual({
      code: null,
      format: 'layers-model',
      model_path: 'tfjs/model.json',
      tfjs_version: tf.version.tfjs,
    });
    expect(mlmodel.model_size_bytes).toBe(sizeBytes - (await stat(`${folder}/MLmodel`)).size);
  });

  test('writes equal files for equal models', async () => {
    await using directory = await temporaryDirectory();
    const formats = ['tfjs', 'keras', 'h5', 'onnx', 'savedmodel'] as const;
    await exportModel(options(directory.join('first'), { formats }));
    // HDF5 and ZIP can keep times to the second, or to two.
    await sleep(2100);
    await exportModel(options(directory.join('second'), { formats }));
    const files = ['data/model.keras', 'data/model.h5', 'model.onnx', 'savedmodel/saved_model.pb'];
    for (const file of [...files, 'tfjs/model.json', 'tfjs/weights.bin', 'MLmodel']) {
      const first = await readFile(directory.join('first', file));
      expect(first.equals(await readFile(directory.join('second', file))), file).toBe(true);
    }
  });

  test('stores the parts of the Keras archive uncompressed, as Keras does', async () => {
    await using directory = await temporaryDirectory();
    await exportModel(options(directory.join('model')));
    const archive = await readFile(directory.join('model/data/model.keras'));
    const parts = unzipSync(archive, { filter: ({ compression }) => compression === 0 });
    expect(Object.keys(parts)).toEqual(['metadata.json', 'config.json', 'model.weights.h5']);
  });

  test('replaces an earlier export and leaves nothing beside it', async () => {
    await using directory = await temporaryDirectory();
    await exportModel(options(directory.join('model')));
    await exportModel(options(directory.join('model'), { classNames: ['no', 'yes'] }));
    expect(await readdir(directory.path)).toEqual(['model']);
    expect(await readFile(directory.join('model/classes.json'), 'utf8')).toContain('"positive_class": "yes"');
  });

  test('writes class names in the MLmodel so that Python reads them as text', async () => {
    await using directory = await temporaryDirectory();
    await exportModel(options(directory.join('model'), { classNames: ['no', '12:30'] }));
    const text = await readFile(directory.join('model/MLmodel'), 'utf8');
    // YAML 1.1, as PyYAML reads it: a bare no is false, and 12:30 is 750.
    expect(parse(text, { version: '1.1' }).metadata.class_names).toEqual(['no', '12:30']);
    expect(text).toContain('- "no"');
  });

  test('writes the formats that are asked for, and serves the first of them that Python can load', async () => {
    await using directory = await temporaryDirectory();
    const flavors = async (formats: ExportOptions['formats']) => {
      const { predictorPath } = await exportModel(options(directory.join('model'), { formats }));
      const mlmodel = parse(await readFile(directory.join('model/MLmodel'), 'utf8'));
      const served = mlmodel.flavors.python_function?.loader_module ?? null;
      return { names: Object.keys(mlmodel.flavors), served, predictorPath };
    };
    expect(await flavors(['tfjs'])).toEqual({ names: ['tfjs'], served: null, predictorPath: null });
    expect(await flavors(['onnx', 'h5'])).toEqual({
      names: ['python_function', 'tensorflow', 'onnx'],
      served: 'mlflow.tensorflow',
      predictorPath: 'predictor.py',
    });
    expect(await readdir(directory.join('model/data'))).toEqual(['keras_module.txt', 'model.h5', 'save_format.txt']);
    expect(await readFile(directory.join('model/data/save_format.txt'), 'utf8')).toBe('h5');
    await flavors(['h5', 'keras']);
    expect(await readFile(directory.join('model/data/save_format.txt'), 'utf8')).toBe('tf');
    const alone = await flavors(['onnx']);
    expect(alone).toMatchObject({ names: ['python_function', 'onnx'], served: 'mlflow.onnx' });
    expect(await readFile(directory.join('model/requirements.txt'), 'utf8')).toBe(
      'mlflow==3.17.2\nonnx==1.23.2\nonnxruntime==1.32.0\n',
    );
  });

  test('keeps an earlier export and leaves nothing half written where it fails', async () => {
    await using directory = await temporaryDirectory();
    await exportModel(options(directory.join('model')));
    const before = await readFile(directory.join('model/MLmodel'), 'utf8');
    const failing = options(directory.join('model'), {
      parameters: { get broken(): never { throw new Error('no'); } }, // biome-ignore format: one thought
    });
    await expect(exportModel(failing)).rejects.toThrow('no');
    expect(await readdir(directory.path)).toEqual(['model']);
    expect(await readFile(directory.join('model/MLmodel'), 'utf8')).toBe(before);
  });

  test('says where it cannot write', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(directory.join('file'), '');
    const writing = exportModel(options(directory.join('file/model')));
    await expect(writing).rejects.toThrow(CannotWriteError);
    await expect(writing).rejects.toThrow(`the model cannot be written to ${directory.join('file/model')}`);
  });

  test('refuses an input example or a shape that does not fit the model', async () => {
    await using directory = await temporaryDirectory();
    const folder = directory.join('model');
    await expect(exportModel(options(folder, { exampleCount: 2 }))).rejects.toThrow(
      'the input example holds 400 values, but 2 examples of [20, 20, 1] need 800',
    );
    await expect(exportModel(options(folder, { inputShape: [20, 20, 3] }))).rejects.toThrow(
      "the model's input has the shape [20, 20, 1], but [20, 20, 3] was said",
    );
    expect(await readdir(directory.path)).toEqual([]);
  });
});
