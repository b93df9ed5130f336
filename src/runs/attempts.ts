import { mkdir, readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { errorCode } from '../errors.ts';
import { readPlan, writePlan, writeState } from './documents.ts';
import { outputParts, outputStreams } from './output-log.ts';
import { attemptDirectory, runPathsOf } from './paths.ts';
import type { RunPlan } from './plan.ts';
import type { RunRecord } from './run-state.ts';

/** The plan that an attempt was or is carried out by. Throws SlipwayError where it is missing or damaged. */
export async function planOfAttempt(runDirectory: string, attempt: number): Promise<RunPlan> {
  const plan = await readPlan(runDirectory);
  return plan.attempt === attempt ? plan : readPlan(attemptDirectory(runDirectory, attempt));
}

/** The line that parts an attempt's output from that of the one before, in the parts of `logs/stdout.log` and `stderr.log`. */
export function attemptMarker({ runId, attempt, resumedAtMs }: RunPlan): string {
  return `--- run ${runId}, attempt ${attempt}, ${new Date(resumedAtMs ?? 0).toISOString()} ---`;
}

/** Keeps the plan of an attempt that another one follows. */
export async function keepPlan(runDirectory: string, plan: RunPlan): Promise<void> {
  await writePlan(await makeAttemptDirectory(runDirectory, plan.attempt), plan);
}

/** Keeps how an attempt ended that another one follows. */
export async function keepState(runDirectory: string, state: RunRecord): Promise<void> {
  await writeState(await makeAttemptDirectory(runDirectory, state.attempt), state);
}

async function makeAttemptDirectory(runDirectory: string, attempt: number): Promise<string> {
  const directory = attemptDirectory(runDirectory, attempt);
  await mkdir(directory, { recursive: true });
  return directory;
}

/** The logs of a run folder that grow from attempt to attempt, by path in the folder, and how many bytes each has now. */
export async function logStarts(runDirectory: string): Promise<Record<string, number>> {
  const paths = runPathsOf(runDirectory);
  const writers = (await readdir(paths.events).catch(() => [])).filter((name) => name.endsWith('.ndjson'));
  const logs = [
    ...outputStreams.flatMap((stream) => outputParts(paths.logs, stream)).map((part) => relative(runDirectory, part)),
    join('logs', 'agent.log'),
    ...writers.map((name) => join('events', name)),
  ];
  const sizes = await Promise.all(logs.map((log) => sizeOf(join(runDirectory, log))));
  return Object.fromEntries(logs.map((log, index) => [log, sizes[index] ?? 0]));
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 0;
    throw error;
  }
}
