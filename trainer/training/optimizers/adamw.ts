import { adamParameters, createAdam } from './adam.ts';
import type { OptimizerDefinition } from './optimizer.ts';

const parameters = adamParameters(0.004);

/**
 * Adam with weight decay apart from the gradient (Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101):
 * `keras.optimizers.AdamW`, whose decay is scaled by the learning rate.
 */
export const adamw: OptimizerDefinition<typeof parameters> = {
  name: 'adamw',
  defaultLearningRate: 0.001,
  parameters,
  create: createAdam,
};
