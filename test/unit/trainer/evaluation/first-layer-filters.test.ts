import { beforeAll, describe, expect, it } from 'vitest';
import { renderSvg } from '../../../../trainer/evaluation/charts/chart.ts';
import { filterSheet, firstLayerFilters } from '../../../../trainer/evaluation/charts/first-layer-filters.ts';
import { firstLayerKernels } from '../../../../trainer/evaluation/first-layer.ts';
import { filterPicture, type Kernels } from '../../../../trainer/evaluation/images/filter-pictures.ts';
import { ConvolutionalBuilder } from '../../../../trainer/models/convolutional.ts';
import type { TensorFlow } from '../../../../trainer/tensorflow/library.ts';
import { allElements, drawnTexts, parseXml } from '../../../support/parse-xml.ts';
import { quietTensorFlow } from '../../../support/tensorflow.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = quietTensorFlow();
  await tf.ready();
});

function made(values: readonly number[], channels: number, filters: number): Kernels {
  const side = Math.sqrt(values.length / channels / filters);
  return { layer: 'first', height: side, width: side, channels, filters, values: Float32Array.from(values) };
}

describe('the filters of the first layer', () => {
  it('are read from a convolution without touching it, and are none where the first layer is another or frozen', async () => {
    const builder = new ConvolutionalBuilder({ convolutions: 1 });
    const { model } = builder.getCompiledModel({ tf, inputShape: [10, 10, 3], classes: 2 });
    const before = tf.memory().numTensors;
    const kernels = (await firstLayerKernels(tf, model)) as Kernels;
    expect(kernels).toMatchObject({ layer: 'convolution_1', height: 3, width: 3, channels: 3, filters: 32 });
    expect([...kernels.values]).toEqual([...(await model.layers[0]!.getWeights()[0]!.data())]);
    expect(tf.memory().numTensors).toBe(before);
    // One that stays as it is has no history to show.
    (model.layers[0] as (typeof model.layers)[number]).trainable = false;
    expect(await firstLayerKernels(tf, model)).toBeNull();
    model.dispose();
    const dense = tf.sequential({
      layers: [tf.layers.flatten({ inputShape: [4, 4, 1] }), tf.layers.dense({ units: 2 })],
    });
    expect(await firstLayerKernels(tf, dense)).toBeNull();
    dense.dispose();
  });

  it('are grey for weight 0, and black and white for the largest weight of each', () => {
    const grey = made([1, 10, -2, 20, 0, 0, 0.5, -5], 1, 2);
    expect(filterPicture(grey, 0)).toMatchObject({ channels: 1, pixels: Uint8Array.from([191, 0, 128, 159]) });
    expect([...(filterPicture(grey, 1)?.pixels ?? [])]).toEqual([191, 255, 128, 96]);
    expect(filterPicture(made([1, -1, 0], 3, 1), 0)?.pixels).toEqual(Uint8Array.from([255, 0, 128]));
    expect([...(filterPicture(made([0, 0, 0, 0], 1, 1), 0)?.pixels ?? [])]).toEqual([128, 128, 128, 128]);
    expect(filterPicture(made([1, Number.NaN, 0, 0], 1, 1), 0)).toBeNull();
  });

  it('are drawn before and after the training', async () => {
    const [before, after] = [made([1, 2, 3, 4, 5, 6, 7, 8], 1, 2), made([1, Number.NaN, 3, 4, 5, 6, 7, 8], 1, 2)];
    const document = parseXml(await renderSvg(firstLayerFilters(before, after)));
    expect(allElements(document).filter(({ name }) => name === 'image')).toHaveLength(3);
    const texts = drawnTexts(document);
    expect(texts).toContain('before training');
    expect(texts).toContain('after training: 1 of 2 are not finite and left out');
    const broken = made([Number.NaN], 1, 1);
    const sentence = drawnTexts(parseXml(await renderSvg(firstLayerFilters(broken, broken))));
    expect(sentence).toContain('No weight is a finite number.');
  });

  it('are one picture for the slider over the epochs, and none where a weight is broken', () => {
    const values = Array.from({ length: 9 * 3 * 32 }, (_, index) => Math.sin(index));
    const sheet = filterSheet(made(values, 3, 32));
    // Six by six, each of 3 × 3 pixels 24 pixels wide, six between.
    expect(sheet).toMatchObject({ width: 6 * 78 + 6, height: 6 * 78 + 6, channels: 3 });
    values[0] = Number.NaN;
    expect(filterSheet(made(values, 3, 32))).toBeNull();
  });
});
