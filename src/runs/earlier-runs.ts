import { closeSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { openForReading } from '../util/open-file.ts';
import { runPathsOf } from './paths.ts';
import { isRunId } from './run-directory.ts';
import type { RunRecord } from './run-state.ts';

/** Whether the storage of a run holds an earlier one of the same experiment on the same server. */
export function hasEarlierRuns(runDirectory: string): boolean {
  const own = recordOf(runDirectory);
  if (own?.experimentId == null) return false;
  const storage = dirname(runDirectory);
  // An id begins with its time. The newest first: it is the likeliest to be of the same experiment.
  const earlier = readdirSync(storage).filter((name) => isRunId(name) && name < basename(runDirectory));
  return earlier
    .sort()
    .reverse()
    .some((name) => {
      const other = recordOf(join(storage, name));
      return other?.mlflowRunId != null && isSameExperiment(own, other);
    });
}

function isSameExperiment(own: Partial<RunRecord>, other: Partial<RunRecord>): boolean {
  return own.experimentId === other.experimentId && own.trackingUri === other.trackingUri;
}

/** What the agent has recorded of a run; null where that is missing or damaged. */
function recordOf(runDirectory: string): Partial<RunRecord> | null {
  const descriptor = openForReading(runPathsOf(runDirectory).state);
  if (descriptor === null) return null;
  try {
    return JSON.parse(readFileSync(descriptor, 'utf8')) as Partial<RunRecord> | null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  } finally {
    closeSync(descriptor);
  }
}
