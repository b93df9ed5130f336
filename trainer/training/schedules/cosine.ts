import { z } from 'zod';
import { eitherOf, epochCount, type ScheduleDefinition, stepCount, stepsOf } from './schedule.ts';

const decay = eitherOf('decay_steps', 'decay_epochs');
const warmUp = eitherOf('warmup_steps', 'warmup_epochs');

const parameters = z
  .strictObject({
    decay_steps: stepCount(
      'Steps over which the learning rate falls; what is left of the training where nothing is said.',
    ),
    decay_epochs: epochCount('The same in epochs.'),
    alpha: z.number().min(0).max(1).default(0).describe('Share of the learning rate that is left at the end.'),
    warmup_target: z
      .number()
      .min(0)
      .optional()
      .describe('Learning rate to which it rises before it falls; it only falls where nothing is said.'),
    warmup_steps: stepCount('Steps over which it rises.'),
    warmup_epochs: epochCount('The same in epochs.'),
  })
  .refine(decay.check, decay.refusal)
  .refine(warmUp.check, warmUp.refusal)
  // Keras leaves the warm-up out without a word.
  .refine(
    ({ warmup_target, warmup_steps, warmup_epochs }) =>
      warmup_target !== undefined || (warmup_steps === undefined && warmup_epochs === undefined),
    { path: ['warmup_target'], error: 'expected the learning rate to which the warm-up rises' },
  );

/**
 * `keras.optimizers.schedules.CosineDecay` of Keras 3.15, `src/optimizers/schedules/learning_rate_schedule.py`
 * (Loshchilov and Hutter 2017, https://arxiv.org/abs/1608.03983, without restarts).
 */
export const cosine: ScheduleDefinition<typeof parameters> = {
  name: 'cosine',
  parameters,
  create({ decay_steps, decay_epochs, alpha, warmup_target, warmup_steps, warmup_epochs }, setup) {
    const warmUpSteps = warmup_steps ?? (warmup_epochs === undefined ? 0 : stepsOf(warmup_epochs, setup));
    const left = Math.max(1, stepsOf(setup.epochs, setup) - warmUpSteps);
    const decaySteps = decay_steps ?? (decay_epochs === undefined ? left : stepsOf(decay_epochs, setup));
    const from = setup.learningRate;
    const highest = warmup_target ?? from;
    return {
      at(step) {
        const past = step - 1;
        if (past < warmUpSteps) return from + (highest - from) * (past / warmUpSteps);
        const share = Math.min(1, (past - warmUpSteps) / decaySteps);
        return highest * ((1 - alpha) * 0.5 * (1 + Math.cos(Math.PI * share)) + alpha);
      },
    };
  },
};
