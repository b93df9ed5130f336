import { closeSync, fstatSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { runLogEvent, runLogEventsDirectory, writerFileName } from '../runlog/index.ts';
import { openForReading } from '../util/open-file.ts';

/** Who writes the system metrics to a run log. */
export const systemWriter = 'system';

/** More than the values of one sample take, however many GPUs there are. */
const tailBytes = 256 * 1024;

/** Where the samples of a run stand, for whoever goes on with them. */
export interface LastSample {
  /** The step of the last sample, also of an earlier attempt; null where there is none. */
  readonly step: number | null;
  /** The last values of this attempt alone, by key. */
  readonly values: ReadonlyMap<string, number>;
}

/**
 * Reads the end of what was sampled of a run; the whole of it may be large.
 * @param attemptStart Bytes of the writer's file that earlier attempts have written.
 */
export function readLastSample(runDirectory: string, attemptStart: number): LastSample {
  const descriptor = openForReading(join(runLogEventsDirectory(runDirectory), writerFileName(systemWriter)));
  if (descriptor === null) return { step: null, values: new Map() };
  try {
    const { size } = fstatSync(descriptor);
    const start = Math.max(0, size - tailBytes);
    const bytes = Buffer.alloc(size - start);
    return parseTail(bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, start)), attemptStart - start);
  } finally {
    closeSync(descriptor);
  }
}

function parseTail(bytes: Uint8Array, attemptStart: number): LastSample {
  let step: number | null = null;
  const values = new Map<string, number>();
  let offset = 0;
  for (const line of Buffer.from(bytes).toString('utf8').split('\n')) {
    const event = parseMetric(line);
    if (event !== null) {
      step = Math.max(step ?? event.step, event.step);
      if (offset >= attemptStart) values.set(event.key, Number(event.value));
    }
    offset += Buffer.byteLength(line) + 1;
  }
  return { step, values };
}

/** Null for what is none: the first line may be cut, and the last one torn. */
function parseMetric(line: string) {
  try {
    const { success, data } = runLogEvent.safeParse(JSON.parse(line));
    return success && data.type === 'metric' ? data : null;
  } catch {
    return null;
  }
}
