import { constant } from './constant.ts';
import { cosine } from './cosine.ts';
import { exponential } from './exponential.ts';
import { plateau } from './plateau.ts';
import type { ScheduleDefinition } from './schedule.ts';
import { step } from './step.ts';
import { warmUp } from './warm-up.ts';

/** Those that can follow a warm-up. */
const plain: Readonly<Record<string, ScheduleDefinition>> = {
  constant,
  step,
  exponential,
  cosine,
  plateau,
};

/** Every schedule by its name in a configuration. */
export const schedules: Readonly<Record<string, ScheduleDefinition>> = {
  ...plain,
  warm_up: warmUp(plain),
};
