import { z } from 'zod';
import { defaultFormats, type ExportFormatName, exportFormats } from '../export/index.ts';
import { epochMetricNames } from '../training/history.ts';

/** What the `training` section of a configuration holds. */
export const trainingSection = z.strictObject({
  optimizer: z.string().default('adam').describe('Name of the optimizer.'),
  optimizer_parameters: z
    .record(z.string(), z.unknown())
    .default({})
    .describe("The optimizer's own parameters, by their names in Keras."),
  learning_rate: z.number().min(1e-8).max(10).default(0.001).describe('Learning rate at the start.'),
  schedule: z.string().default('constant').describe('How the learning rate changes over the steps.'),
  schedule_parameters: z.record(z.string(), z.unknown()).default({}).describe("The schedule's own parameters."),
  label_smoothing: z
    .number()
    .min(0)
    .max(0.9)
    .default(0)
    .describe('How much of the certainty of each label is spread over all classes.'),
  l1: z.number().min(0).max(10).default(0).describe('What the sum of the absolute kernel weights counts in the loss.'),
  l2: z.number().min(0).max(10).default(0).describe('What the sum of the squared kernel weights counts in the loss.'),
  class_weights: z
    .enum(['none', 'balanced'])
    .default('none')
    .describe('balanced: each class counts the same in the loss, however many samples it has.'),
  clip_by: z
    .enum(['none', 'value', 'norm', 'global_norm'])
    .default('none')
    .describe('How gradients are kept small: each number, the gradient of each variable, or that of all together.'),
  clip_limit: z.number().gt(0).default(1).describe('Largest size of a number, or largest length, of a gradient.'),
  early_stopping_patience: z
    .int()
    .min(0)
    .default(0)
    .describe('Epochs without a better export.metric after which the training ends; 0: never.'),
  checkpoint_epochs: z
    .int()
    .min(0)
    .default(1)
    .describe('Epochs between checkpoints; the best and the last epoch always have one. 0: only those.'),
  checkpoint_steps: z.int().min(0).default(0).describe('Steps between checkpoints within an epoch; 0: none.'),
  checkpoint_minutes: z
    .number()
    .min(0)
    .default(10)
    .describe('Minutes after which a checkpoint is written within an epoch; 0: never.'),
  checkpoints_kept: z
    .int()
    .min(1)
    .default(2)
    .describe('How many of the newest checkpoints are kept, besides the best.'),
});

export type TrainingSection = z.output<typeof trainingSection>;

/** What the `export` section of a configuration holds. */
export const exportSection = z.strictObject({
  metric: z.enum(epochMetricNames).default('val_loss').describe('Metric that says which epoch is the best.'),
  mode: z.enum(['min', 'max']).default('min').describe('Whether less of it is better, or more.'),
  formats: z
    .array(z.enum(Object.keys(exportFormats) as ExportFormatName[]))
    .min(1)
    .default([...defaultFormats])
    .describe('Formats in which the model is written.'),
});

export type ExportSection = z.output<typeof exportSection>;
