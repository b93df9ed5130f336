import { errorMessage, UsageError } from '../errors.ts';
import { listUnsettledRuns, type StoredRun } from '../runs/index.ts';
import { acquireProcessLock, type ProcessLock } from '../util/process-lock.ts';
import { sleep } from '../util/sleep.ts';
import { adoptOrphans } from './adopt-orphans.ts';
import { currentSelf } from './self.ts';

export interface SuperviseOptions {
  /** The only storage that is meant, null for all: one process for each such wish is enough. */
  readonly only: string | null;
  /** Asked again each time: launches may have come to use others. */
  readonly storages: () => Promise<readonly string[]>;
  readonly intervalMs: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Told once it is the only one. */
  readonly onBegin: () => void;
  readonly onAdopted: (runIds: readonly string[]) => void;
  readonly onWarning: (text: string) => void;
}

/** Waits between two agents for a run whose agents end early: twice as long each time. */
const firstWaitMs = 10_000;
const longestWaitMs = 30 * 60_000;

/**
 * Gives each run of this user and machine that loses its agent another one, until it is aborted. Throws UsageError where
 * another process does so already.
 */
export async function supervise(options: SuperviseOptions): Promise<void> {
  const { signal, intervalMs, environment, onAdopted, onWarning } = options;
  const lock = await takePlace(options.only, signal);
  const waits = new AdoptionWaits();
  options.onBegin();
  try {
    for (let told = ''; !signal.aborted; ) {
      const problems: string[] = [];
      try {
        const lists = await Promise.all((await options.storages()).map((storage) => listUnsettledRuns(storage)));
        const isDue = ({ runId }: StoredRun): boolean => waits.isDue(runId, Date.now());
        const onProblem = (text: string): void => void problems.push(text);
        const adopted = await adoptOrphans(lists.flat(), { self: currentSelf(), environment, isDue, onProblem });
        for (const runId of adopted) waits.adopted(runId, Date.now());
        if (adopted.length > 0) onAdopted(adopted);
      } catch (error) {
        problems.push(`Runs could not be looked for: ${errorMessage(error)}`);
      }
      // A storage that cannot be read or written for a while ends nothing; it is told once.
      const text = problems.join(' ');
      if (text !== '' && text !== told) onWarning(text);
      told = text;
      await sleep(intervalMs, { signal }).catch(() => {});
    }
  } finally {
    await lock.release();
  }
}

async function takePlace(only: string | null, signal: AbortSignal): Promise<ProcessLock> {
  const taken = new AbortController();
  const error = new UsageError('Another `slipway supervise` of yours is at work on this machine: one is enough.');
  return acquireProcessLock(`slipway-supervise ${only ?? ''}`, {
    signal: AbortSignal.any([signal, taken.signal]),
    onWait: () => taken.abort(error),
  });
}

/** How long each run that was adopted is left alone, should its new agent end as the one before. */
export class AdoptionWaits {
  readonly #last = new Map<string, { readonly atMs: number; readonly waitMs: number }>();

  isDue(runId: string, nowMs: number): boolean {
    const last = this.#last.get(runId);
    return last === undefined || nowMs - last.atMs >= last.waitMs;
  }

  adopted(runId: string, nowMs: number): void {
    const last = this.#last.get(runId);
    // An agent that lived long is no sign of one that cannot live.
    const isEarly = last !== undefined && nowMs - last.atMs < 2 * longestWaitMs;
    const waitMs = isEarly ? Math.min(longestWaitMs, last.waitMs * 2) : firstWaitMs;
    this.#last.set(runId, { atMs: nowMs, waitMs });
  }
}
