import { confusionMatrix } from '../charts/confusion-matrix.ts';
import { precisionRecallChart, rocChart } from '../charts/curve-charts.ts';
import { confidentSheet, trainingSheet, worstSheet } from '../charts/sample-sheets.ts';
import { scoreHistogram } from '../charts/score-histogram.ts';
import { classReport } from '../class-scores.ts';
import { ClassificationMeter } from '../meter.ts';
import { metricNames } from '../metrics.ts';
import { testMetrics } from '../model-metrics.ts';
import { evaluatePoints } from '../point-table.ts';
import { classTable, predictionTable, writePredictions } from '../prediction-files.ts';
import { confusionCounts, countUnscored, type Predictions, predictionsOf } from '../predictions.ts';
import { testRemarks } from '../remarks.ts';
import { bestF1Threshold, thresholdEffect } from '../threshold-choice.ts';
import type { Task } from './task.ts';

/** To tell classes apart: what a network gives are probabilities, and labels are right or wrong. */
export const classification: Task = {
  name: 'classification',
  metricNames,
  lineMetrics: ['loss', 'accuracy', 'val_loss', 'val_accuracy', 'val_auc'],
  losses: ['binary_crossentropy', 'categorical_crossentropy'],
  learnsLabels: true,
  evaluator: 'classification',
  defaults: {},

  guessingLoss: async ({ classNames }) => Math.log(classNames.length),
  describeClasses(classNames): Record<string, string | number> {
    return classNames.length === 2 ? { positive_class: classNames[1] as string } : { classes: classNames.length };
  },
  targets: (tf, batch) => tf.tensor1d(batch.targets),
  createMeter: ({ classNames, functions }) => new ClassificationMeter(classNames, functions),

  trainingPicture: (options) => ({ name: 'training-samples', make: () => trainingSheet(options) }),
  validationPictures(part) {
    const validation = predictionsOf(part);
    return [
      {
        name: 'validation-score-histogram',
        make: () =>
          scoreHistogram(validation, { name: 'validation-score-histogram', title: 'Validation scores by class' }),
      },
      {
        name: 'validation-confusion-matrix',
        make: () =>
          confusionMatrix({
            name: 'validation-confusion-matrix',
            title: 'Validation confusion matrix',
            ...matrixOf(validation),
          }),
      },
    ];
  },
  testPictures(part, samples) {
    const test = predictionsOf(part);
    return [
      { name: 'confusion-matrix', make: () => confusionMatrix(matrixOf(test)) },
      { name: 'roc-curve', make: () => rocChart(test) },
      { name: 'precision-recall-curve', make: () => precisionRecallChart(test) },
      { name: 'score-histogram', make: () => scoreHistogram(test) },
      { name: 'worst-predictions', make: () => worstSheet(test, samples) },
      { name: 'confident-predictions', make: () => confidentSheet(test, samples) },
    ];
  },

  testMetrics: (part) => testMetrics(predictionsOf(part)),
  writePredictions: (file, part) => writePredictions(file, predictionsOf(part)),
  predictionTable: (part) => predictionTable(predictionsOf(part)),
  classTable(part) {
    const predictions = predictionsOf(part);
    return classTable(classReport(confusionCounts(predictions), predictions.classNames), predictions);
  },
  evaluatePoints: async (part, functions) => evaluatePoints(predictionsOf(part), functions),
  testRemarks: (part) => testRemarks(predictionsOf(part)),
  thresholds(testPart, validationPart) {
    const test = predictionsOf(testPart);
    const { threshold } = test;
    if (threshold === null) return [];
    const inUse = { chosen: 'in use', effect: thresholdEffect(test, threshold) };
    const validation = predictionsOf(validationPart);
    const best = bestF1Threshold(validation, threshold);
    if (best === null) return [inUse];
    const { f1 } = thresholdEffect(validation, best);
    const chosen = `highest F1 on the validation samples (${f1.toFixed(4)} there)`;
    return [inUse, { chosen, effect: thresholdEffect(test, best) }];
  },
};

function matrixOf(predictions: Predictions) {
  const { classNames, threshold } = predictions;
  return { classNames, counts: confusionCounts(predictions), threshold, unscored: countUnscored(predictions) };
}
