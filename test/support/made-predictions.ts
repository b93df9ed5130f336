import type { Sample } from '../../trainer/components/sample.ts';
import type { EpochValues } from '../../trainer/evaluation/charts/learning-curves.ts';
import type { Predictions } from '../../trainer/evaluation/predictions.ts';
import { randomSource } from '../../trainer/random.ts';

/** Class names that break what is not escaped, cut or isolated; all different. */
export const evilNames: readonly string[] = [
  '😀 happy / sad',
  '<script>alert("1")</script>',
  `${'x'.repeat(96)} middle ${'y'.repeat(96)}`,
  `${'x'.repeat(96)} muddle ${'y'.repeat(96)}`,
  'שלום עולם',
  'quote \' " & back\\slash',
  '../a/b/c, "d"\n\u0000e',
  '漢字の名前',
  "'+alert(1)+'\u2028</svg>]]>",
  '0',
];

export interface MadePredictionsOptions {
  readonly samples: number;
  readonly classNames: readonly string[];
  /** 0 knows nothing; 3 is nearly always right. */
  readonly quality?: number;
  /** Share of the first class; the others share the rest. */
  readonly firstShare?: number;
  /** Scores are rounded to multiples of this, so that they tie; 0 leaves them. */
  readonly step?: number;
}

/** Predictions of a model that is not there: normal scores with a gain for the right class, through a softmax. */
export function madePredictions(options: MadePredictionsOptions): Predictions {
  const { samples, classNames, quality = 1.5, step = 0 } = options;
  const classes = classNames.length;
  const { firstShare = 1 / classes } = options;
  const random = randomSource('made predictions', samples, classes, quality);
  const labels = new Int32Array(samples);
  const probabilities = new Float64Array(samples * classes);
  for (let sample = 0; sample < samples; sample += 1) {
    const label = random.next() < firstShare ? 0 : 1 + random.integer(classes - 1);
    labels[sample] = label;
    const powers = classNames.map((_, index) => {
      const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
      return Math.exp(normal + (index === label ? quality : 0));
    });
    const sum = powers.reduce((total, power) => total + power, 0);
    for (const [index, power] of powers.entries()) probabilities[sample * classes + index] = Math.fround(power / sum);
    if (classes === 2) {
      const score = probabilities[2 * sample + 1] as number;
      const tied = step === 0 ? score : Math.round(score / step) * step;
      probabilities[2 * sample] = 1 - tied;
      probabilities[2 * sample + 1] = tied;
    }
  }
  return {
    ids: Array.from({ length: samples }, (_, sample) => `cells/thin, "blood"/smear_${sample}.png`),
    labels,
    probabilities,
    classNames,
    threshold: classes === 2 ? 0.5 : null,
  };
}

/** The same with every score of the second class replaced. */
export function withScores(predictions: Predictions, score: (sample: number, label: number) => number): Predictions {
  const probabilities = new Float64Array(predictions.labels.length * 2);
  for (const [sample, label] of predictions.labels.entries()) {
    const value = score(sample, label);
    probabilities[2 * sample] = 1 - value;
    probabilities[2 * sample + 1] = value;
  }
  return { ...predictions, probabilities };
}

/** Images of noise, which no compression makes small, for the samples of predictions. */
export function noisySamples(predictions: Predictions, side: number, channels: 1 | 3): Sample[] {
  const random = randomSource('noise', side);
  const pixels = Uint8Array.from({ length: side * side * channels }, () => random.integer(256));
  return predictions.ids.map((id, index) => ({
    id,
    // One picture for all: what is tested is their size, and a hundred thousand of them fit into memory.
    pixels,
    height: side,
    width: side,
    channels,
    label: predictions.labels[index] as number,
    weight: 1,
  }));
}

/** A training that learns, then overfits; from epoch `brokenFrom` on its losses are NaN. */
export function madeHistory(epochs: number, brokenFrom = Number.POSITIVE_INFINITY): EpochValues[] {
  const random = randomSource('history', epochs);
  const measures = ['loss', 'accuracy', 'auc', 'precision', 'recall'];
  return Array.from({ length: epochs }, (_, index) => {
    const progress = index / epochs;
    const values: Record<string, number> = {};
    for (const key of measures) {
      const learned = 1 - Math.exp(-4 * progress);
      const value = (key === 'loss' ? 0.7 - 0.6 * learned : 0.5 + 0.45 * learned) + 0.02 * random.next();
      values[key] = value;
      values[`val_${key}`] = key === 'loss' ? value + 0.3 * progress ** 2 : value - 0.03 * random.next();
      if (index + 1 >= brokenFrom && (key === 'loss' || key === 'auc')) {
        values[key] = Number.NaN;
        values[`val_${key}`] = Number.NaN;
      }
    }
    return { epoch: index + 1, values: { ...values, learning_rate: 0.001, epoch_seconds: 2, samples_per_second: 90 } };
  });
}
