import { classReport } from './class-scores.ts';
import { areaUnderRoc, averagePrecision } from './curves.ts';
import { binaryMetrics, type Metrics, threshold } from './metrics.ts';
import { confusionCounts, type Predictions, sampleLoss, scoresOf } from './predictions.ts';
import { thresholdEffect } from './threshold-choice.ts';

/**
 * The metrics of an epoch: of two classes those of the second one; of more the log loss, the accuracy, and the means over
 * the classes of precision, recall and the area under the ROC curve of each against all others (NaN where one is missing).
 */
export function modelMetrics(predictions: Predictions): Metrics {
  const { labels, classNames } = predictions;
  if (classNames.length === 2) return binaryMetrics(labels, scoresOf(predictions, 1));
  const { accuracy, macroAverage } = classReport(confusionCounts(predictions), classNames);
  return {
    loss: meanLoss(predictions),
    accuracy,
    auc: mean(classNames.map((_, label) => areaUnderRoc(predictions, label))),
    precision: macroAverage.precision,
    recall: macroAverage.recall,
  };
}

/** As modelMetrics, with the two that are of use once, at the end. */
export function testMetrics(predictions: Predictions): Record<string, number> {
  const { classNames } = predictions;
  if (classNames.length === 2) {
    return {
      ...modelMetrics(predictions),
      f1: thresholdEffect(predictions, predictions.threshold ?? threshold).f1,
      average_precision: averagePrecision(predictions, 1),
    };
  }
  return {
    ...modelMetrics(predictions),
    f1: classReport(confusionCounts(predictions), classNames).macroAverage.f1,
    average_precision: mean(classNames.map((_, label) => averagePrecision(predictions, label))),
  };
}

/** Each metric under its key with a prefix: `val_loss`, `test_auc`. */
export function withPrefix<Name extends string, Prefix extends string>(
  metrics: Readonly<Record<Name, number>>,
  prefix: Prefix,
): Record<`${Prefix}${Name}`, number> {
  const entries = Object.entries<number>(metrics).map(([key, value]) => [`${prefix}${key}`, value]);
  return Object.fromEntries(entries) as Record<`${Prefix}${Name}`, number>;
}

function meanLoss(predictions: Predictions): number {
  return mean(Array.from(predictions.labels, (_, sample) => sampleLoss(predictions, sample)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
