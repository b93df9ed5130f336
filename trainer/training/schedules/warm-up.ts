import { z } from 'zod';
import { eitherOf, epochCount, type Schedule, type ScheduleDefinition, stepCount, stepsOf } from './schedule.ts';

const duration = eitherOf('steps', 'epochs');

/**
 * A linear rise of the learning rate (Goyal et al. 2017, https://arxiv.org/abs/1706.02677) to where another schedule
 * begins, which is named alone or with its parameters:
 *
 *     schedule: warm_up
 *     schedule_parameters:
 *       epochs: 5
 *       followed_by:
 *         cosine:
 *           alpha: 0.01
 *
 * The rise is that of `keras.optimizers.schedules.CosineDecay` of Keras 3.15. The schedule that follows counts its steps
 * from the end of the rise, and its training is what is left.
 */
export function warmUp(
  followers: Readonly<Record<string, ScheduleDefinition>>,
): ScheduleDefinition<ReturnType<typeof parametersOf>> {
  return {
    name: 'warm_up',
    parameters: parametersOf(followers),
    create({ steps, epochs = 1, start_factor, followed_by }, setup) {
      const rise = steps ?? stepsOf(epochs, setup);
      const epochsLeft = Math.max(0, setup.epochs - rise / setup.stepsPerEpoch);
      const [name, parameters] = Object.entries(followed_by)[0] as [string, Record<string, unknown>];
      const follower = (followers[name] as ScheduleDefinition).create(parameters, { ...setup, epochs: epochsLeft });
      return after(follower, rise, start_factor, setup.stepsPerEpoch);
    },
  };
}

function parametersOf(followers: Readonly<Record<string, ScheduleDefinition>>) {
  return z
    .strictObject({
      steps: stepCount('Steps over which the learning rate rises; one epoch where nothing is said.'),
      epochs: epochCount('The same in epochs.'),
      start_factor: z
        .number()
        .min(0)
        .max(1)
        .default(0)
        .describe(
          'Share of the learning rate from which it rises; with 0 the first step changes nothing, as in Keras.',
        ),
      followed_by: followerOf(followers),
    })
    .refine(duration.check, duration.refusal);
}

/** Schema of a schedule's name, or of a map of its name to its parameters; gives the latter. */
function followerOf(followers: Readonly<Record<string, ScheduleDefinition>>) {
  const names = Object.keys(followers);
  const expected = `expected one of ${names.join(', ')}, alone or with its parameters`;
  const shape = Object.fromEntries(
    names.map((name) => [name, (followers[name] as ScheduleDefinition).parameters.optional()]),
  );
  const withParameters = z.strictObject(shape).refine((given) => Object.keys(given).length === 1, expected);
  return z
    .union([z.enum(names), withParameters], { error: ({ errors }) => detail(errors) ?? expected })
    .transform((given, context): Readonly<Record<string, unknown>> => {
      if (typeof given !== 'string') return given;
      const parsed = withParameters.safeParse({ [given]: {} });
      for (const { path, message } of parsed.error?.issues ?? []) context.addIssue({ code: 'custom', path, message });
      return parsed.data ?? z.NEVER;
    })
    .default({ constant: {} })
    .describe('Schedule that follows: its name, or a map of its name to its parameters.');
}

/** What is wrong within the parameters of the schedule that follows: zod says of a union only that nothing fits. */
function detail(errors: unknown): string | undefined {
  const issue = (errors as z.core.$ZodIssue[][] | undefined)?.flat().find(({ path }) => path.length > 0);
  if (issue === undefined) return undefined;
  return `for ${issue.path.join('.')}, ${issue.message.replace(/^Invalid input: /, '')}`;
}

function after(follower: Schedule, rise: number, startFactor: number, stepsPerEpoch: number): Schedule {
  const { monitor } = follower;
  return {
    ...(monitor === undefined ? {} : { monitor }),
    at(step) {
      const past = step - 1;
      if (past >= rise) return follower.at(step - rise);
      const target = follower.at(1);
      return target * (startFactor + (1 - startFactor) * (past / rise));
    },
    endEpoch(epoch, value) {
      // What a network does while its learning rate rises says nothing of a plateau.
      if (epoch * stepsPerEpoch > rise) follower.endEpoch?.(epoch, value);
    },
    state: () => follower.state?.() ?? null,
    restore: (state) => follower.restore?.(state),
  };
}
