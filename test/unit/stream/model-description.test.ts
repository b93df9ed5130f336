import { execFileSync, spawnSync } from 'node:child_process';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, test } from 'vitest';
import {
  flavorsOf,
  type ModelFacts,
  modelDescription,
  versionDescription,
} from '../../../src/stream/model-description.ts';
import { skip } from '../../support/index.ts';

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

test('nothing that others named comes alive in it', () => {
  const text = versionDescription({
    ...facts,
    runName: '<b>run</b> ![x](http://tracker.example/p.png)',
    runTags: { image: 'a`b' },
    dataset: { name: '``c``', digest: '<i>' },
    metrics: { '*loss*': 1 },
    tags: { data: '[here](http://evil.example)' },
  });
  const [first, , data, origin] = text.split('\n');
  expect(first).toBe('\\*loss\\* 1');
  expect(data).toBe('- Data: \\[here\\](http&#58;//evil.example), measured on ``` ``c`` ``` (digest `<i>`)');
  expect(origin).toContain('run [&lt;b&gt;run&lt;/b&gt; !\\[x\\](http&#58;//tracker.example/p.png)](http');
  expect(origin).toContain(', image ``a`b``');
});

test('it tells how to load it in Python and TypeScript and how to serve it', () => {
  const text = versionDescription(facts);
  expect(text).toContain('mlflow.pyfunc.load_model("models:/cells/3")');
  expect(text).toContain("const version = '3';");
  expect(text).toContain("client.modelVersionDownloadUri('cells', version)");
  expect(text).toContain('mlflow models serve -m models:/cells/3 --env');
});

test('the model itself names its versions by the alias, where it has one', () => {
  expect(modelDescription(facts, 'latest-finished')).toContain('load_model("models:/cells@latest-finished")');
  expect(modelDescription(facts, 'latest-finished')).toContain("getModelVersionByAlias('cells', 'latest-finished')");
  expect(modelDescription(facts, null)).toContain('models:/cells/<version>');
});

describe('a name that is no plain word', () => {
  const names = [
    `it's "ours"`,
    '$(touch trap) `touch trap`',
    'a\\',
    'a\\"b',
    'a@b',
    'æøå 🚀',
    '\n```\n# Heading\n````',
  ];
  const alias = "o'clock";
  const trackingUri = "http://mlflow.example:5000/it's";
  const uriOf = (name: string) => `models:/${name}@${alias}`;

  /** The code of the block of a language, as Markdown has it. */
  function codeOf(language: string, name: string): string {
    const text = modelDescription({ ...facts, name, trackingUri }, alias);
    return new RegExp(`^(\x60{3,})${language}\\n([\\s\\S]*?)\\n\\1$`, 'm').exec(text)?.[2] ?? '';
  }

  it.each(names)('stands in the shell command as it is: %j', (name) => {
    const script = `mlflow() { printf '%s\\0' "$MLFLOW_TRACKING_URI" "$@"; }\n${codeOf('sh', name)}`;
    const said = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0');
    expect(said.slice(0, 5)).toEqual([trackingUri, 'models', 'serve', '-m', uriOf(name)]);
  });

  it.each(names)('stands in the program in Python as it is: %j', (name) => {
    if (spawnSync('python3', ['--version']).status !== 0) skip('there is no python3');
    const program = [
      'import ast, json, sys',
      'constants = [node for node in ast.walk(ast.parse(sys.stdin.read())) if isinstance(node, ast.Constant)]',
      'print(json.dumps([node.value for node in constants]))',
    ].join('\n');
    const said = execFileSync('python3', ['-X', 'utf8', '-c', program], {
      input: codeOf('python', name),
      encoding: 'utf8',
    });
    expect(JSON.parse(said)).toEqual([trackingUri, uriOf(name)]);
  });

  it.each(names)('stands in the program in TypeScript as it is: %j', async (name) => {
    const lines = codeOf('ts', name).split('\n');
    const calls = lines.flatMap((line) => /\((?:\{ trackingUri: )?('.*')/.exec(line)?.[1] ?? []);
    const texts = calls.slice(0, 3).map((words) => runInNewContext(`[${words}]`) as string[]);
    expect(texts.flat()).toEqual([trackingUri, name, alias, name]);
  });
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
