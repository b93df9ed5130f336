import type { OptimizerDefinition } from './optimizer.ts';
import { createGradientDescent, gradientDescentParameters } from './sgd.ts';

const parameters = gradientDescentParameters(0.9);

/** Stochastic gradient descent with momentum: `keras.optimizers.SGD(momentum=0.9)`. */
export const momentum: OptimizerDefinition<typeof parameters> = {
  name: 'momentum',
  defaultLearningRate: 0.01,
  parameters,
  create: createGradientDescent,
};
