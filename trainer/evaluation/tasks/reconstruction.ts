import { UsageError } from '../../../src/errors.ts';
import { outputActivation } from '../../network/forward.ts';
import { errorHistogram } from '../charts/error-histogram.ts';
import { imageSheet, reconstructionSheet } from '../charts/reconstruction-sheet.ts';
import { meanImageLoss, type ValueRange } from '../mean-image.ts';
import { errorNames, meanErrors, ReconstructionMeter } from '../reconstruction-meter.ts';
import {
  classErrorTable,
  errorsOf,
  errorTable,
  evaluateReconstructions,
  reconstructionRemarks,
  writeErrors,
} from '../reconstructions.ts';
import type { Task, TaskSetup } from './task.ts';

/** To give back what the network got: what counts is how far both are from each other. */
export const reconstruction: Task = {
  name: 'reconstruction',
  metricNames: errorNames,
  lineMetrics: ['loss', 'mae', 'val_loss', 'val_mae'],
  losses: ['mean_squared_error', 'binary_crossentropy'],
  learnsLabels: false,
  evaluator: 'reconstruction',
  // A sigmoid gives no pixel below 0.
  defaults: { preprocessor: { scaling: 'unit' } },

  async guessingLoss(setup) {
    checkNetwork(setup);
    const { loss, network, samples, batches } = setup;
    return meanImageLoss(samples, batches, { loss, network, range: rangeOf(setup) });
  },
  describeClasses: () => ({}),
  targets: (_, __, inputs) => inputs,
  createMeter: ({ loss }) => new ReconstructionMeter(loss),

  trainingPicture: ({ samples, batches }) => ({
    name: 'training-images',
    make: () => imageSheet(samples, batches),
  }),
  validationPictures: (part, samples) => [
    {
      name: 'validation-error-histogram',
      make: () =>
        errorHistogram(errorsOf(part, 'mse'), {
          name: 'validation-error-histogram',
          title: 'Validation errors',
        }),
    },
    {
      name: 'validation-reconstructions',
      make: () =>
        reconstructionSheet(part, samples, {
          name: 'validation-reconstructions',
          title: 'Validation images and their reconstructions',
        }),
    },
  ],
  testPictures: (part, samples) => [
    {
      name: 'error-histogram',
      make: () => errorHistogram(errorsOf(part, 'mse'), { name: 'error-histogram', title: 'Test errors' }),
    },
    {
      name: 'reconstructions',
      make: () =>
        reconstructionSheet(part, samples, {
          name: 'reconstructions',
          title: 'Test images and their reconstructions',
        }),
    },
  ],

  testMetrics: ({ scores }) => ({ ...meanErrors(scores) }),
  writePredictions: writeErrors,
  predictionTable: errorTable,
  classTable: classErrorTable,
  evaluatePoints: evaluateReconstructions,
  testRemarks: reconstructionRemarks,
  thresholds: () => [],
};

function checkNetwork({ model, network, inputShape }: TaskSetup): void {
  const outputShape = (model.outputs[0]?.shape ?? []).slice(1);
  const count = (shape: readonly (number | null)[]) =>
    shape.reduce<number>((product, size) => product * (size ?? 0), 1);
  if (count(outputShape) !== count(inputShape)) {
    throw new UsageError(
      `The network ${network} gives ${count(outputShape)} values (${outputShape.join(', ')}) for an image of ${count(inputShape)} (${inputShape.join(', ')}): of a reconstruction there are equally many.`,
    );
  }
}

/** What the network can give, as far as that is known, and the loss can take. */
function rangeOf({ model, loss }: TaskSetup): ValueRange | null {
  const isBounded = outputActivation(model) === 'sigmoid' || loss === 'binary_crossentropy';
  return isBounded ? { low: 0, high: 1 } : null;
}
