import { z } from 'zod';
import { epochMetricNames } from '../history.ts';
import type { ScheduleDefinition } from './schedule.ts';

const parameters = z.strictObject({
  monitor: z.enum(epochMetricNames).default('val_loss').describe('Metric that is watched, by its name in the run.'),
  mode: z
    .enum(['auto', 'min', 'max'])
    .default('auto')
    .describe('Whether less of the metric is better, or more; auto: less of a loss or an error, more of all others.'),
  factor: z.number().gt(0).lt(1).default(0.1).describe('What the learning rate is multiplied by.'),
  patience: z.int().min(0).default(10).describe('Epochs without a better value after which it falls.'),
  min_delta: z.number().min(0).default(1e-4).describe('How much better a value must be to count.'),
  cooldown: z.int().min(0).default(0).describe('Epochs after a fall in which none are counted.'),
  min_lr: z.number().min(0).default(0).describe('Learning rate below which it does not fall.'),
});

const learnt = z.strictObject({
  learning_rate: z.number(),
  best: z.number().nullable(),
  wait: z.int(),
  cooldown: z.int(),
});

/**
 * `keras.callbacks.ReduceLROnPlateau` of Keras 3.15, `src/callbacks/reduce_lr_on_plateau.py`. A value that is no finite
 * number is never the best one: in Keras a NaN of the first epoch would be for ever.
 */
export const plateau: ScheduleDefinition<typeof parameters> = {
  name: 'plateau',
  parameters,
  create(given, { learningRate }) {
    const { monitor, factor, patience, min_delta, cooldown, min_lr } = given;
    const mode = given.mode === 'auto' ? betterOf(monitor) : given.mode;
    let now: z.output<typeof learnt> = { learning_rate: learningRate, best: null, wait: 0, cooldown: 0 };
    const isBetter = (value: number): boolean => {
      if (!Number.isFinite(value)) return false;
      if (now.best === null) return true;
      return mode === 'min' ? value + min_delta < now.best : value - min_delta > now.best;
    };
    return {
      monitor,
      at: () => now.learning_rate,
      endEpoch(_, value) {
        if (now.cooldown > 0) now = { ...now, cooldown: now.cooldown - 1, wait: 0 };
        if (isBetter(value)) {
          now = { ...now, best: value, wait: 0 };
        } else if (now.cooldown === 0) {
          now = { ...now, wait: now.wait + 1 };
          if (now.wait < patience || now.learning_rate <= min_lr) return;
          now = { ...now, learning_rate: Math.max(now.learning_rate * factor, min_lr), cooldown, wait: 0 };
        }
      },
      state: () => now,
      restore(state) {
        now = learnt.parse(state);
      },
    };
  },
};

function betterOf(metric: string): 'min' | 'max' {
  return /loss|error|mse|mae/.test(metric) ? 'min' : 'max';
}
