import { closeSync, fstatSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { listWritersSync, runLogEvent, writerFileName } from '../runlog/index.ts';
import { runPathsOf } from '../runs/paths.ts';
import { openForReading } from '../util/open-file.ts';

/** How far a program has come, as its run log tells it. */
export interface ReachedEpoch {
  /** The epoch it is in, else the last step that it recorded a value for; null where it has told neither. */
  readonly epoch: number | null;
  /** How many epochs there will be; null where the program does not tell. */
  readonly epochs: number | null;
}

/** What is read of the end of each log: enough for the last values, however long the run. */
const tailBytes = 32 * 1024;
/** Writers that are not the program: their steps are no epochs. */
const otherWriters: ReadonlySet<string> = new Set(['agent', 'system']);

/** Reads the end of each writer's log in a run folder. A log that cannot be read tells nothing. */
export function reachedEpoch(runDirectory: string): ReachedEpoch {
  const { events } = runPathsOf(runDirectory);
  let writers: string[];
  try {
    writers = listWritersSync(events).filter((writer) => !otherWriters.has(writer));
  } catch {
    return { epoch: null, epochs: null };
  }
  return epochOf(writers.flatMap((writer) => lastLines(join(events, writerFileName(writer)))));
}

/** The epoch that lines of a run log tell of: a stage or unit of that name comes before the steps of metrics. */
export function epochOf(lines: readonly string[]): ReachedEpoch {
  let told: { readonly epoch: number; readonly epochs: number | null; readonly timeMs: number } | null = null;
  let step: number | null = null;
  for (const line of lines) {
    const event = eventOf(line);
    // Those of single batches count batches.
    if (event?.type === 'metric' && !event.key.startsWith('batch/')) step = Math.max(step ?? event.step, event.step);
    if (event?.type !== 'progress' || (told !== null && event.time_ms < told.timeMs)) continue;
    const stage = /^epoch\s+(\d+)(?:\s*(?:\/|of)\s*(\d+))?$/i.exec(event.stage);
    if (stage !== null) {
      const epochs = stage[2] === undefined ? null : Number(stage[2]);
      told = { epoch: Number(stage[1]), epochs, timeMs: event.time_ms };
    } else if (/^epochs?$/i.test(event.unit)) {
      told = { epoch: event.done, epochs: event.total > 0 ? event.total : null, timeMs: event.time_ms };
    }
  }
  return { epoch: told?.epoch ?? step, epochs: told?.epochs ?? null };
}

function eventOf(line: string) {
  try {
    const parsed = runLogEvent.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** The whole lines at the end of a file. */
function lastLines(file: string): string[] {
  let descriptor: number | null = null;
  try {
    descriptor = openForReading(file);
    if (descriptor === null) return [];
    const { size } = fstatSync(descriptor);
    const start = Math.max(0, size - tailBytes);
    const tail = Buffer.alloc(size - start);
    const length = readSync(descriptor, tail, 0, tail.length, start);
    const lines = tail.toString('utf8', 0, length).split('\n').slice(0, -1);
    return start > 0 ? lines.slice(1) : lines;
  } catch {
    return [];
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}
