import { z } from 'zod';
import { eitherOf, epochCount, type ScheduleDefinition, stepCount, stepsOf } from './schedule.ts';

const duration = eitherOf('decay_steps', 'decay_epochs');

const parameters = z
  .strictObject({
    decay_rate: z
      .number()
      .gt(0)
      .max(1)
      .default(0.96)
      .describe('Factor by which the learning rate falls over decay_steps.'),
    decay_steps: stepCount('Steps over which it falls by decay_rate; one epoch where nothing is said.'),
    decay_epochs: epochCount('The same in epochs.'),
    staircase: z.boolean().default(false).describe('Whether it falls all at once, at the end of decay_steps.'),
  })
  .refine(duration.check, duration.refusal);

/**
 * `keras.optimizers.schedules.ExponentialDecay` of Keras 3.15, `src/optimizers/schedules/learning_rate_schedule.py`.
 * The default of decay_rate is that of its example.
 */
export const exponential: ScheduleDefinition<typeof parameters> = {
  name: 'exponential',
  parameters,
  create({ decay_rate, decay_steps, decay_epochs = 1, staircase }, setup) {
    const decaySteps = decay_steps ?? stepsOf(decay_epochs, setup);
    return {
      at(step) {
        const periods = (step - 1) / decaySteps;
        return setup.learningRate * decay_rate ** (staircase ? Math.floor(periods) : periods);
      },
    };
  },
};
