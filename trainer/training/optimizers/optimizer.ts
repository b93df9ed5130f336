import { z } from 'zod';
import type { Scalar, Tensor, TensorFlow, Variable } from '../../tensorflow/library.ts';

/** A way to move variables against their gradients, as a configuration names it. */
export interface OptimizerDefinition<Schema extends z.ZodType = z.ZodObject> {
  /** As it stands in a configuration and in the registry. */
  readonly name: string;
  /** Keras's learning rate for it where none is given. */
  readonly defaultLearningRate: number;
  /** Everything but the learning rate, with Keras's names and defaults. */
  readonly parameters: Schema;
  /** Makes the optimizer's own variables; the caller disposes it. */
  create(tf: TensorFlow, variables: readonly Variable[], parameters: z.output<Schema>): Optimizer;
}

/** An optimizer at work on its variables. */
export interface Optimizer {
  /**
   * Everything that a checkpoint must hold besides the variables, in a fixed order. Names are unique, and the same in
   * every process: `momentum/3` belongs to the fourth variable.
   */
  readonly state: readonly { readonly name: string; readonly variable: Variable }[];
  /**
   * One update; reads nothing back from the device, and leaves no tensors. The learning rate (float32) and the step
   * (int32, from 1) are tensors, so that a recorded step can be fed them.
   */
  apply(gradients: readonly Tensor[], learningRate: Scalar, step: Scalar): void;
  dispose(): void;
}

/** What the update of one variable works with. */
export interface VariableUpdate<Slot extends string> {
  readonly variable: Variable;
  readonly gradient: Tensor;
  /** The learning rate, or what `rateAt` made of it. */
  readonly rate: Scalar;
  /** What the optimizer keeps of this variable, of the variable's shape. */
  readonly slots: Readonly<Record<Slot, Variable>>;
}

/** An optimizer that moves each variable by itself. */
export interface VariableRule<Slot extends string> {
  /** What is kept of each variable, and the value that it starts from. */
  readonly slots: Readonly<Partial<Record<Slot, number>>>;
  readonly weightDecay: WeightDecay;
  /** What `update` gets for the learning rate; the learning rate itself where this is missing. */
  rateAt?(learningRate: Scalar, step: Scalar): Scalar;
  /** Moves the variable and what is kept of it. Slots that `slots` does not name are not there. */
  update(update: VariableUpdate<Slot>): void;
}

/** Schema of a factor by which an average forgets, of 0 to below 1. */
export function decayRate(value: number, description: string): z.ZodDefault<z.ZodNumber> {
  return z.number().min(0).lt(1).default(value).describe(description);
}

/** Schema of momentum, with Keras's bounds. */
export function momentumRate(value: number): z.ZodDefault<z.ZodNumber> {
  return z.number().min(0).max(1).default(value).describe('Share of the last movement that the next one keeps.');
}

/** Schema of what keeps a division from one by zero. */
export const epsilon = z
  .number()
  .gt(0)
  .max(1)
  .default(1e-7)
  .describe('Small number that keeps a division from one by zero.');

/** Schemas of weight decay, which Keras has in all optimizers: 0 for none. */
export function weightDecayParameters(value: number) {
  return {
    weight_decay: z
      .number()
      .min(0)
      .max(1)
      .default(value)
      .describe('Share of each variable, times the learning rate, that a step takes away from it; 0: none.'),
    exclude_from_weight_decay: z
      .array(z.string().min(1))
      .default([])
      .describe("Texts such as bias: variables with one of them in their name (layer/variable) don't decay."),
  };
}

/** The values of `weightDecayParameters`. */
export interface WeightDecay {
  readonly weight_decay: number;
  readonly exclude_from_weight_decay: readonly string[];
}

/** Makes the optimizer of a rule. A step's weight decay comes before its update, as in Keras. */
export function createOptimizer<Slot extends string>(
  tf: TensorFlow,
  variables: readonly Variable[],
  rule: VariableRule<Slot>,
): Optimizer {
  const names = Object.keys(rule.slots) as Slot[];
  const kept = variables.map((variable) => {
    const entries = names.map((name) => [name, filled(tf, variable, rule.slots[name] as number)] as const);
    return Object.fromEntries(entries) as Record<Slot, Variable>;
  });
  const state = names.flatMap((name) =>
    kept.map((slots, index) => ({ name: `${name}/${index}`, variable: slots[name] })),
  );
  return {
    state,
    apply(gradients, learningRate, step) {
      tf.tidy(() => {
        decay(tf, variables, rule.weightDecay, learningRate);
        const rate = rule.rateAt?.(learningRate, step) ?? learningRate;
        for (const [index, variable] of variables.entries()) {
          const gradient = gradients[index] as Tensor;
          rule.update({ variable, gradient, rate, slots: kept[index] as Record<Slot, Variable> });
        }
      });
    },
    dispose() {
      for (const { variable } of state) variable.dispose();
    },
  };
}

function filled(tf: TensorFlow, { shape }: Variable, value: number): Variable {
  return tf.tidy(() => tf.variable(tf.fill(shape, value, 'float32'), false));
}

/** `_apply_weight_decay` and `exclude_from_weight_decay` of Keras 3.15, `src/optimizers/base_optimizer.py`. */
function decay(tf: TensorFlow, variables: readonly Variable[], weightDecay: WeightDecay, learningRate: Scalar): void {
  const { weight_decay, exclude_from_weight_decay: excluded } = weightDecay;
  if (weight_decay === 0) return;
  for (const variable of variables) {
    if (excluded.some((text) => variable.name.includes(text))) continue;
    variable.assign(tf.sub(variable, tf.mul(tf.mul(variable, weight_decay), learningRate)));
  }
}
