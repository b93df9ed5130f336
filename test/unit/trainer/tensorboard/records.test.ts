import { expect, it } from 'vitest';
import { bucketCount, histogramBuckets } from '../../../../trainer/tensorboard/histogram.ts';
import { histogramSummary, imageSummary, scalarSummary } from '../../../../trainer/tensorboard/summary.ts';
import { framedRecord } from '../../../../trainer/tensorboard/tfrecord.ts';

// The bytes are those that TensorFlow 2.21 writes.
it('frames records as tf.io.TFRecordWriter does', () => {
  expect(framedRecord(Buffer.from('slipway')).toString('hex')).toBe('0700000000000000bbd79f11736c6970776179d8e525c7');
  expect(framedRecord(Buffer.alloc(0)).toString('hex')).toBe('000000000000000029039807d8ea82a2');
});

it('writes scalars as tf.summary.scalar does', () => {
  expect(scalarSummary('epoch_loss', 0.1).toBuffer().toString('hex')).toBe(
    '0a0a65706f63685f6c6f7373420a080112002204cdcccc3d4a0b0a090a077363616c617273',
  );
});

it('writes histograms as tf.summary.histogram does', () => {
  const row = (count: string) => `000000000000f03f000000000000f03f${count}`;
  const rows = row('0000000000000000').repeat(29) + row('0000000000000040');
  expect(
    histogramSummary('h', histogramBuckets(Float32Array.of(1, 1)) as Float64Array)
      .toBuffer()
      .toString('hex'),
  ).toBe(`0a016842df05080212081202081e1202080322d005${rows}4a0e0a0c0a0a686973746f6772616d73`);
});

it('writes pictures as tf.summary.image does', () => {
  const png = Buffer.from(
    '89504e470d0a1a0a0000000d4948445200000003000000020800000000b81f39c60000000b494441540899636080000000080001af53ea220000000049454e44ae426082',
    'hex',
  );
  expect(imageSummary('i', { png, width: 3, height: 2 }).toBuffer().toString('hex')).toBe(
    `0a0169425408071204120208034201334201324244${png.toString('hex')}4a0a0a080a06696d61676573`,
  );
});

/** Buckets that hold something: place, left edge, right edge, count. */
function filled(values: readonly number[]): number[][] {
  const buckets = [...(histogramBuckets(Float32Array.from(values)) as Float64Array)];
  expect(buckets).toHaveLength(bucketCount * 3);
  return Array.from({ length: bucketCount }, (_, place) => [place, ...buckets.slice(place * 3, place * 3 + 3)]).filter(
    ([, , , count]) => count !== 0,
  );
}

// What tensorboard.plugins.histogram.summary_v2 gives for the same values.
it('counts values in thirty buckets of one width, the greatest value in the last', () => {
  expect(filled([-1, 0, 0.5, 0.5, 2])).toEqual([
    [0, -1, -0.9, 1],
    [10, 0, expect.closeTo(0.1, 12), 1],
    [15, 0.5, expect.closeTo(0.6, 12), 2],
    [29, expect.closeTo(1.9, 12), 2, 1],
  ]);
  expect(filled([3, 3, 3])).toEqual([[29, 3, 3, 3]]);
});

it('leaves out what is no finite number, and has no histogram of nothing', () => {
  expect(filled([Number.NaN, 3, Number.POSITIVE_INFINITY])).toEqual([[29, 3, 3, 1]]);
  expect(histogramBuckets(Float32Array.of(Number.NaN, Number.NEGATIVE_INFINITY))).toBeNull();
  expect(histogramBuckets(new Float32Array(0))).toBeNull();
});
