import { z } from 'zod';
import type { ScheduleDefinition } from './schedule.ts';

const parameters = z.strictObject({});

/** The same learning rate for all steps. */
export const constant: ScheduleDefinition<typeof parameters> = {
  name: 'constant',
  parameters,
  create: (_, { learningRate }) => ({ at: () => learningRate }),
};
