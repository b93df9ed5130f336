import { ExitCode, SlipwayError, UsageError } from '../errors.ts';
import { findOwnRuns, type SyncOutcome, syncRun, unsentRuns } from '../launch/index.ts';
import type { PlannedRun } from '../machine/find-own-run.ts';
import { tableLines } from '../report/table.ts';
import { forEachLimit } from '../util/for-each-limit.ts';
import { formatBytes } from '../util/format.ts';
import { openLook, wantsJson } from './output-options.ts';
import { openReporter } from './reporter.ts';
import { withStep } from './step.ts';
import { chooseVerbosity } from './verbosity.ts';

type Given = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** So many runs are sent at once: each has an agent of its own. */
const concurrency = 3;

/** What has come of one run, as `--json` tells it. */
interface SyncedRun {
  readonly runId: string;
  readonly runName: string;
  readonly outcome: SyncOutcome['outcome'] | 'failed';
  readonly url: string | null;
  /** Why it failed; null otherwise. */
  readonly message: string | null;
  readonly hint: string | null;
}

/** Carries out `slipway sync`. Resolves with the exit code: that of the first run that could not be sent. */
export async function syncAction(given: Given, environment: Environment, signal: AbortSignal): Promise<number> {
  const names = Array.isArray(given.run) ? given.run.map(String) : [];
  if ((names.length === 0) === (given.all !== true)) {
    throw new UsageError(
      names.length === 0 ? '`slipway sync` needs a run, or --all.' : '`slipway sync` takes runs or --all, not both.',
      { hint: '`slipway sync --all`' },
    );
  }
  const isJson = wantsJson(given, environment);
  const reporter = openReporter({ ...given, json: false }, environment);
  try {
    const place = { storage: typeof given.storage === 'string' ? given.storage : null, environment };
    // All that is wrong with the names is found before anything is sent.
    const runs = names.length > 0 ? await findOwnRuns(names, place) : await unsentRuns(place);
    const exitCodes: number[] = [];
    const debug = chooseVerbosity(given, environment) === 'debug';
    const sendOne = async (run: PlannedRun): Promise<SyncedRun> => {
      const { runId, plan } = run;
      const known = { runId, runName: plan.runName };
      try {
        const { outcome, url } = await withStep(
          reporter.sink,
          plan.runName,
          ({ onProgress }) =>
            syncRun(run, {
              ...{ environment, signal, debug },
              onProgress: ({ sentEvents, pendingBytes, lastError }) =>
                onProgress(lastError ?? `${sentEvents} things sent, ${formatBytes(pendingBytes)} to go`),
              onWarning: (text) => reporter.sink({ timeMs: Date.now(), type: 'warning', text }),
            }),
          (found) => ({ title: `${plan.runName} ${sentences[found.outcome]}`, reused: found.outcome === 'was-there' }),
          runId,
        );
        return { ...known, outcome, url, message: null, hint: null };
      } catch (error) {
        if (signal.aborted || !(error instanceof SlipwayError)) throw error;
        const { message, hint, exitCode } = error;
        exitCodes.push(exitCode);
        reporter.sink({
          ...{ timeMs: Date.now(), type: 'failure', message: `${plan.runName} (${runId}): ${message}` },
          ...(hint === undefined ? {} : { hint }),
        });
        return { ...known, outcome: 'failed', url: null, message, hint: hint ?? null };
      }
    };
    const synced: SyncedRun[] = [];
    try {
      await forEachLimit(runs, concurrency, async (run, index) => {
        synced[index] = await sendOne(run);
      });
    } catch (error) {
      const text = 'The waiting is over, and what has begun to be sent goes on. What is not there yet: `slipway ps`';
      if (signal.aborted) reporter.sink({ timeMs: Date.now(), type: 'notice', text });
      throw error;
    }
    reporter.sink({ timeMs: Date.now(), type: 'notice', text: totals(synced) });
    reporter.close();
    const look = openLook(given, environment);
    const rows = synced.map(({ runId, runName, outcome, url }) => [runId, runName, outcome, url ?? '']);
    const columns = [{ title: 'id' }, { title: 'name' }, { title: 'outcome' }, { title: 'server' }];
    if (isJson) process.stdout.write(`${JSON.stringify({ runs: synced }, null, 2)}\n`);
    else if (rows.length > 0) process.stdout.write(`${tableLines(columns, rows, look).join('\n')}\n`);
    return exitCodes[0] ?? ExitCode.ok;
  } finally {
    reporter.close();
  }
}

const sentences: Readonly<Record<SyncOutcome['outcome'], string>> = {
  sent: 'is on its server',
  'was-there': 'was on its server before',
  running: 'is on its server, and is sent while it runs',
};

function totals(runs: readonly SyncedRun[]): string {
  if (runs.length === 0) return 'Every run of yours here is on its server.';
  const count = (...outcomes: readonly SyncedRun['outcome'][]): number =>
    runs.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const parts = [
    [count('sent'), 'sent'],
    [count('running'), 'sent while they run'],
    [count('was-there'), 'there before'],
    [count('failed'), 'not sent'],
  ] as const;
  const told = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  return `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}: ${told.join(', ')}.`;
}
