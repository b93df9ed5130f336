import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { CannotWriteError, errorCode, errorMessage, SlipwayError } from '../errors.ts';
import { atomicWriteFile } from '../util/atomic-write-file.ts';
import { runPathsOf } from './paths.ts';
import { planSchema, type RunPlan } from './plan.ts';
import { type RunRecord, runStateSchema } from './run-state.ts';

/** Writes `plan.json` of a run folder, at once or not at all. */
export async function writePlan(runDirectory: string, plan: RunPlan): Promise<void> {
  await write(runPathsOf(runDirectory).plan, planSchema.parse(plan));
}

/** Reads `plan.json`. Throws SlipwayError where it is missing or damaged. */
export async function readPlan(runDirectory: string): Promise<RunPlan> {
  const file = runPathsOf(runDirectory).plan;
  const plan = await read(file, planSchema);
  if (plan === null) throw new SlipwayError(`${runDirectory} is no run folder: it has no plan.json.`);
  return plan;
}

/** Writes `state.json` of a run folder, at once or not at all. */
export async function writeState(runDirectory: string, state: RunRecord): Promise<void> {
  await write(runPathsOf(runDirectory).state, runStateSchema.parse(state));
}

/** Reads `state.json`; null where no agent has written one yet. Throws SlipwayError where it is damaged. */
export async function readState(runDirectory: string): Promise<RunRecord | null> {
  return read(runPathsOf(runDirectory).state, runStateSchema);
}

async function write(file: string, value: unknown): Promise<void> {
  try {
    await atomicWriteFile(file, `${JSON.stringify(value, null, 2)}\n`);
  } catch (error) {
    throw new CannotWriteError(`Cannot write ${file}: ${errorMessage(error)}.`, { cause: error });
  }
}

async function read<T>(file: string, schema: z.ZodType<T>): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw new SlipwayError(`Cannot read ${file}: ${errorMessage(error)}.`, { cause: error });
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : errorMessage(error);
    throw new SlipwayError(`${file} is damaged: ${reason}.`, {
      hint: 'What the run wrote is still in the folder beside it; launch it again.',
      cause: error,
    });
  }
}
