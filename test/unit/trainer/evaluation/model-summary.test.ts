import { readFile } from 'node:fs/promises';
import type { SymbolicTensor } from '@tensorflow/tfjs-node-gpu';
import { expect, test } from 'vitest';
import { writeModelSummary } from '../../../../trainer/evaluation/model-summary.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';
import { quietTensorFlow } from '../../../support/tensorflow.ts';

const tf = quietTensorFlow();

test('lists the layers of a chain with shapes and numbers of parameters', async () => {
  await using directory = await temporaryDirectory();
  const model = tf.sequential({
    name: 'cells',
    layers: [
      tf.layers.conv2d({ name: 'convolution_1', inputShape: [20, 20, 3], filters: 32, kernelSize: 3, padding: 'same' }),
      tf.layers.batchNormalization({ name: 'normalization' }),
      tf.layers.flatten({ name: 'flatten' }),
      tf.layers.dense({ name: 'score', units: 1, trainable: false }),
    ],
  });
  const [text, json] = await writeModelSummary({ directory: directory.path, model });
  expect(await readFile(text as string, 'utf8')).toBe(
    [
      'Model: cells',
      '─'.repeat(67),
      'Layer (type)                        Output shape         Parameters',
      '─'.repeat(67),
      'convolution_1 (Conv2D)              (batch, 20, 20, 32)         896',
      'normalization (BatchNormalization)  (batch, 20, 20, 32)         128',
      'flatten (Flatten)                   (batch, 12800)                0',
      'score (Dense) [frozen]              (batch, 1)               12,801',
      '─'.repeat(67),
      'Total parameters:         13,825 (54.0 KiB)',
      'Trainable parameters:     960',
      'Non-trainable parameters: 12,865',
      '',
    ].join('\n'),
  );
  expect(JSON.parse(await readFile(json as string, 'utf8'))).toMatchObject({
    name: 'cells',
    parameters: 13825,
    trainableParameters: 960,
    weightBytes: 55300,
    layers: [{ name: 'convolution_1', className: 'Conv2D', outputShape: [null, 20, 20, 32] }, {}, {}, {}],
  });
});

test('tells how the layers of a graph are connected, and all shapes of a layer used twice', async () => {
  await using directory = await temporaryDirectory();
  const input = tf.input({ shape: [8, 4], name: 'sequence' });
  const shared = tf.layers.dense({ units: 4, name: 'shared' });
  const once = shared.apply(input) as SymbolicTensor;
  const shorter = tf.layers.maxPooling1d({ name: 'shorter', poolSize: 2 }).apply(input) as SymbolicTensor;
  const twice = shared.apply(shorter) as SymbolicTensor;
  const joined = tf.layers.concatenate({ name: 'joined', axis: 1 }).apply([once, twice]) as SymbolicTensor;
  const [text] = await writeModelSummary({
    directory: directory.path,
    model: tf.model({ inputs: input, outputs: joined }),
  });
  const lines = (await readFile(text as string, 'utf8')).split('\n');
  expect(lines.find((line) => line.startsWith('shared'))).toMatch(
    /^shared \(Dense\) +\(batch, 8, 4\), \(batch, 4, 4\) +20 {2}sequence, shorter$/,
  );
});
