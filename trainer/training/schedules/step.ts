import { z } from 'zod';
import { eitherOf, type ScheduleDefinition } from './schedule.ts';

const isRising = (numbers: readonly number[]) => numbers.every((number, index) => number > (numbers[index - 1] ?? 0));
const rising = 'expected numbers above 0, each larger than the one before it';
const boundaries = eitherOf('boundaries', 'boundary_epochs');

const parameters = z
  .strictObject({
    boundaries: z
      .array(z.int())
      .min(1)
      .refine(isRising, rising)
      .optional()
      .describe('Steps after which the learning rate changes, counted from 0 as in Keras.'),
    boundary_epochs: z
      .array(z.number())
      .min(1)
      .refine(isRising, rising)
      .optional()
      .describe('Epochs after which it changes, in place of boundaries.'),
    factor: z.number().gt(0).default(0.1).describe('What it is multiplied by at each boundary.'),
    values: z
      .array(z.number().min(0))
      .optional()
      .describe('The learning rates themselves, in place of learning_rate and factor: one more than boundaries.'),
  })
  .refine(boundaries.check, boundaries.refusal)
  .refine((given) => given.boundaries !== undefined || given.boundary_epochs !== undefined, {
    path: ['boundaries'],
    error: 'expected the steps after which the learning rate changes, or boundary_epochs',
  })
  .refine(
    ({ values, boundaries: steps, boundary_epochs: epochs }) =>
      values === undefined || values.length === (steps ?? epochs ?? []).length + 1,
    { path: ['values'], error: 'expected one learning rate more than there are boundaries' },
  );

/**
 * `keras.optimizers.schedules.PiecewiseConstantDecay` of Keras 3.15,
 * `src/optimizers/schedules/learning_rate_schedule.py`, and the same by a factor. As there, a boundary's own step still
 * has the learning rate before it; with boundary_epochs the first step of the next epoch has the new one.
 */
export const step: ScheduleDefinition<typeof parameters> = {
  name: 'step',
  parameters,
  create({ boundaries: steps, boundary_epochs: epochs = [], factor, values }, { learningRate, stepsPerEpoch }) {
    const last = steps ?? epochs.map((epoch) => Math.round(epoch * stepsPerEpoch) - 1);
    return {
      at(step) {
        const passed = last.filter((boundary) => step - 1 > boundary).length;
        return values?.[passed] ?? learningRate * factor ** passed;
      },
    };
  },
};
