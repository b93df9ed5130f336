import { z } from 'zod';

/** What a schedule knows of its training. */
export interface ScheduleSetup {
  /** At the start, of the training section. */
  readonly learningRate: number;
  readonly stepsPerEpoch: number;
  readonly epochs: number;
}

/** A way for the learning rate to change, as a configuration names it. */
export interface ScheduleDefinition<Schema extends z.ZodType = z.ZodObject> {
  /** As it stands in a configuration and in the registry. */
  readonly name: string;
  readonly parameters: Schema;
  create(parameters: z.output<Schema>, setup: ScheduleSetup): Schedule;
}

/** The learning rate over a training. */
export interface Schedule {
  /** Name of the metric whose value `endEpoch` wants; missing where the schedule watches none. */
  readonly monitor?: string;
  /**
   * The learning rate of a step, which counts from 1 over all epochs: Keras's schedules count from 0. Depends on nothing
   * but the step where there is no `endEpoch`.
   */
  at(step: number): number;
  /** Told after each epoch (from 1), with the value of the metric that it watches. */
  endEpoch?(epoch: number, value: number): void;
  /** What it has learnt, as JSON for a checkpoint. */
  state?(): unknown;
  /** Takes what `state` gave. Throws z.ZodError where it is something else. */
  restore?(state: unknown): void;
}

/** Schema of a number of steps. */
export function stepCount(description: string) {
  return z.int().min(1).optional().describe(description);
}

/** Schema of the same in epochs, which may be parts of one. */
export function epochCount(description: string) {
  return z.number().gt(0).optional().describe(description);
}

/** Says that of two parameters that mean the same in steps and in epochs at most one may be given. */
export function eitherOf<Name extends string>(steps: Name, epochs: Name) {
  return {
    check: (given: { readonly [Key in Name]?: unknown }) => given[steps] === undefined || given[epochs] === undefined,
    refusal: { path: [epochs], error: `expected ${steps} or ${epochs}, not both` },
  };
}

/** Epochs, or parts of them, in steps: at least one. */
export function stepsOf(epochs: number, { stepsPerEpoch }: ScheduleSetup): number {
  return Math.max(1, Math.round(epochs * stepsPerEpoch));
}
