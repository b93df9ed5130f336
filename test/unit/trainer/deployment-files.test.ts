import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { type DeploymentOptions, writeDeploymentFiles } from '../../../trainer/deployment-files.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const output = {
  class_names: ['no', 'yes'],
  positive_class: 'yes',
  threshold: 0.5,
  output: 'probabilities',
  output_shape: [1],
} as const;

async function written(changes: Partial<DeploymentOptions['exported']>, test: DeploymentOptions['test']) {
  await using directory = await temporaryDirectory();
  const files = await writeDeploymentFiles({
    directory: directory.path,
    modelDirectory: directory.join('model'),
    exported: {
      sizeBytes: 1,
      warnings: [],
      modelPaths: { keras: 'data/model.keras', h5: 'data/model.h5', tfjs: 'tfjs/model.json' },
      predictorPath: 'predictor.py',
      output,
      ...changes,
    },
    name: 'cells',
    network: 'resnet',
    inputShape: [50, 50, 3],
    dataSource: { name: 'cells' },
    epoch: 3,
    divergence: null,
    test,
  });
  expect(files).toEqual([directory.join('model.info'), directory.join('output.json')]);
  const [information, places] = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return { information: JSON.parse(information ?? ''), places: JSON.parse(places ?? '') };
}

test('say where model, information and predictor lie, relative to themselves', async () => {
  const { places } = await written({}, {});
  expect(places).toEqual({
    model_file_path: 'model/data/model.keras',
    meta_file_path: 'model.info',
    predictor_file_path: 'model/predictor.py',
  });
});

test('name no predictor where Python cannot load the model', async () => {
  const { places } = await written({ modelPaths: { tfjs: 'tfjs/model.json' }, predictorPath: null }, {});
  expect(places).toMatchObject({ model_file_path: 'model/tfjs/model.json', predictor_file_path: null });
});

test('say what the model is and how well it did in the test', async () => {
  const { information } = await written({}, { test_loss: 0.25, test_accuracy: 0.9, test_auc: 0.95 });
  expect(information).toMatchObject({
    name: 'cells',
    network: 'resnet',
    ...output,
    input_shape: [50, 50, 3],
    formats: ['keras', 'h5', 'tfjs'],
    test_loss: 0.25,
    test_accuracy: 0.9,
    test_metrics: { test_auc: 0.95 },
  });
});

test('say null where a number is missing or none', async () => {
  const { information } = await written({}, { test_loss: Number.NaN, test_accuracy: Number.NaN });
  expect(information).toMatchObject({ test_loss: null, test_accuracy: null, test_metrics: { test_loss: null } });
});

test('say nothing of an accuracy where there is none', async () => {
  const { information } = await written({}, { test_loss: 0.02, test_mse: 0.02 });
  expect(information).not.toHaveProperty('test_accuracy');
  expect(information).toMatchObject({ test_loss: 0.02, test_metrics: { test_mse: 0.02 } });
});
