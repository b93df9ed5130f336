import { expect, test } from 'vitest';
import {
  flavorsOf,
  type ModelFacts,
  modelDescription,
  versionDescription,
} from '../../../src/stream/model-description.ts';

const facts: ModelFacts = {
  name: 'cells',
  version: '3',
  trackingUri: 'http://mlflow.example:5000',
  runUrl: 'http://mlflow.example:5000/#/experiments/1/runs/abc?workflowType=machine_learning',
  runName: 'swift-heron-417',
  runTags: { 'mlflow.source.git.commit': 'c'.repeat(40), dirty: 'true', image: 'cells:cccccccccccc-dirty-abc' },
  dataset: { name: 'cells-test', digest: 'd1' },
  metrics: { test_auc: 0.987_654, test_loss: Number.NaN },
  tags: { data: 'synthetic' },
  flavors: ['python_function', 'tensorflow', 'tfjs'],
};

test('a version tells its metrics, its data, and the run, commit and image that made it', () => {
  const text = versionDescription(facts);
  expect(text.split('\n')[0]).toBe('test_auc 0.9877, test_loss NaN');
  expect(text).toContain('- Data: synthetic, measured on `cells-test` (digest `d1`)');
  expect(text).toContain(
    `- Made by: run [swift-heron-417](${facts.runUrl}), commit \`cccccccccccc\` with changes, image`,
  );
});

test('it tells how to load it in Python and TypeScript and how to serve it', () => {
  const text = versionDescription(facts);
  expect(text).toContain('mlflow.pyfunc.load_model("models:/cells/3")');
  expect(text).toContain("const version = '3';");
  expect(text).toContain("client.modelVersionDownloadUri('cells', version)");
  expect(text).toContain('mlflow models serve -m "models:/cells/3"');
});

test('the model itself names its versions by the alias, where it has one', () => {
  expect(modelDescription(facts, 'latest-finished')).toContain('load_model("models:/cells@latest-finished")');
  expect(modelDescription(facts, 'latest-finished')).toContain("getModelVersionByAlias('cells', 'latest-finished')");
  expect(modelDescription(facts, null)).toContain('models:/cells/<version>');
});

test('it promises nothing that the model cannot do', () => {
  const bare = { ...facts, flavors: [], metrics: {}, tags: {}, dataset: null, runTags: {} };
  expect(versionDescription(bare)).toBe(`- Made by: run [swift-heron-417](${facts.runUrl})\n`);
  const onnx = versionDescription({ ...facts, flavors: ['onnx', 'python_function'] });
  expect(onnx).toContain('pyfunc');
  expect(onnx).not.toContain('TypeScript');
});

test.each([
  ['flavors:\n  python_function: {}\n  tfjs: {}\n', ['python_function', 'tfjs']],
  ['{"flavors":{"onnx":{}}}', ['onnx']],
  ['flavors: 3', []],
  ['', []],
  [null, []],
])('the flavors of %j are %j', (text, flavors) => {
  expect(flavorsOf(text)).toEqual(flavors);
});
