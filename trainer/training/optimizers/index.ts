import { adadelta } from './adadelta.ts';
import { adagrad } from './adagrad.ts';
import { adam } from './adam.ts';
import { adamw } from './adamw.ts';
import { momentum } from './momentum.ts';
import type { OptimizerDefinition } from './optimizer.ts';
import { rmsprop } from './rmsprop.ts';
import { sgd } from './sgd.ts';

/** Every optimizer by its name in a configuration. */
export const optimizers: Readonly<Record<string, OptimizerDefinition>> = {
  sgd,
  momentum,
  rmsprop,
  adam,
  adamw,
  adagrad,
  adadelta,
};
