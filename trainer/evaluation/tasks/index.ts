import type { TaskName } from '../../components/task.ts';
import { classification } from './classification.ts';
import { reconstruction } from './reconstruction.ts';
import type { Task } from './task.ts';

/** Every task by its name. */
export const tasks: Readonly<Record<TaskName, Task>> = { classification, reconstruction };
