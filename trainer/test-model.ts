import path from 'node:path';
import type { LossName } from './components/model-builder.ts';
import type { Preprocessor } from './components/preprocessor.ts';
import { type Dataset, pickSamples, samplesOf } from './data/dataset.ts';
import { confusionMatrix } from './evaluation/charts/confusion-matrix.ts';
import { precisionRecallChart, rocChart } from './evaluation/charts/curve-charts.ts';
import { confidentSheet, worstSheet } from './evaluation/charts/sample-sheets.ts';
import { scoreHistogram } from './evaluation/charts/score-histogram.ts';
import { classReport } from './evaluation/class-scores.ts';
import { Meter } from './evaluation/meter.ts';
import { testMetrics, withPrefix } from './evaluation/model-metrics.ts';
import {
  classTable,
  predictionTable,
  type Table,
  writePredictions,
  writeTable,
} from './evaluation/prediction-files.ts';
import { confusionCounts, countUnscored, type Predictions, predictionsOf } from './evaluation/predictions.ts';
import { scoreSamples } from './evaluation/score.ts';
import { drawPicture } from './pictures.ts';
import { recordArtifacts, splitDatasetName } from './run-record.ts';
import type { TensorFlow } from './tensorflow/library.ts';
import type { TrainedPart } from './trained-part.ts';
import type { TrainingRun } from './training-run.ts';

/** What a trained model is tested with. */
export interface TestOptions {
  readonly run: TrainingRun;
  readonly tf: TensorFlow;
  readonly loss: LossName;
  readonly dataset: Dataset;
  readonly preprocessor: Preprocessor<object>;
  /** What is tested: of a network with a frozen base the layers behind it, on features. */
  readonly trained: TrainedPart;
  /** The last epoch that was trained. */
  readonly epoch: number;
  readonly progress: (stage: string, done: number, total: number, unit: string) => void;
}

/** What the test gave. */
export interface TestResult {
  /** By key, with `test_` before each. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly predictions: Predictions;
  readonly perClass: Table;
  /** Samples that the table of predictions does not hold. */
  readonly rowsLeftOut: number;
}

/** Scores the test part once, logs `test_…`, and keeps predictions, tables and pictures. */
export async function testModel(options: TestOptions): Promise<TestResult> {
  const { run, dataset, preprocessor, epoch } = options;
  const { log } = run;
  const predictions = await predict(options);
  const { classNames } = dataset;
  const metrics = withPrefix(testMetrics(predictions), 'test_');
  for (const [key, value] of Object.entries(metrics)) {
    log.metric(key, value, epoch, { dataset: splitDatasetName(dataset, 'test') });
  }
  const shown = Object.entries(metrics).map(([key, value]) => `${key} ${value.toFixed(4)}`);
  run.echo(`test: ${shown.join(', ')}`);
  const tables = await recordTables(run, predictions, epoch);
  await drawPicture(run, 'confusion-matrix', () => {
    const unscored = countUnscored(predictions);
    return confusionMatrix({
      classNames,
      counts: confusionCounts(predictions),
      threshold: predictions.threshold,
      unscored,
    });
  });
  await drawPicture(run, 'roc-curve', () => rocChart(predictions));
  await drawPicture(run, 'precision-recall-curve', () => precisionRecallChart(predictions));
  await drawPicture(run, 'score-histogram', () => scoreHistogram(predictions));
  const shownAs = {
    preprocessor,
    read: (places: readonly number[]) => pickSamples(samplesOf(dataset, 'test'), places),
  };
  await drawPicture(run, 'worst-predictions', () => worstSheet(predictions, shownAs));
  await drawPicture(run, 'confident-predictions', () => confidentSheet(predictions, shownAs));
  return { metrics, predictions, ...tables };
}

async function predict({ run, tf, loss, trained, progress }: TestOptions): Promise<Predictions> {
  const { parameters, signal } = run;
  const { model, dataset, preprocessor } = trained;
  const { classNames, splits } = dataset;
  const meter = new Meter(classNames);
  await scoreSamples(samplesOf(dataset, 'test'), meter, {
    tf,
    model,
    loss,
    batches: { preprocessor, batchSize: parameters.batch_size, seed: parameters.seed },
    signal,
    onProgress: (done, total) => progress('testing', done, total, 'images'),
  });
  const scores = meter.scores();
  return predictionsOf({ ids: splits.test.ids, labels: splits.test.labels, scores, classNames });
}

/** `predictions.csv` with all, and the two tables that MLflow shows as such. */
async function recordTables(
  run: TrainingRun,
  predictions: Predictions,
  epoch: number,
): Promise<Pick<TestResult, 'perClass' | 'rowsLeftOut'>> {
  const { folder, log } = run;
  const file = path.join(folder.artifacts, 'predictions.csv');
  await writePredictions(file, predictions);
  recordArtifacts(log, folder.directory, [file]);
  const table = predictionTable(predictions);
  const perClass = classTable(classReport(confusionCounts(predictions), predictions.classNames), predictions);
  log.table('predictions', await writeTable(folder.artifacts, 'predictions', table), epoch);
  log.table('per-class', await writeTable(folder.artifacts, 'per-class', perClass), epoch);
  const rowsLeftOut = predictions.labels.length - table.data.length;
  if (rowsLeftOut > 0) {
    run.line(
      `Table predictions: the ${table.data.length} test samples with the highest loss; ${rowsLeftOut} more are in predictions.csv alone.`,
    );
  }
  return { perClass, rowsLeftOut };
}
