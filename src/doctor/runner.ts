import { errorMessage, SlipwayError } from '../errors.ts';
import { formatDuration } from '../util/format.ts';
import { broken, type Check, type Finding, type Outcome, sentenceOf, unchecked } from './check.ts';
import type { DoctorContext } from './context.ts';

const usualTimeoutMs = 20_000;

/** What a round of checks tells while it goes on. */
export interface RoundWatcher {
  started?(check: Check): void;
  ended?(finding: Finding): void;
}

/**
 * Makes checks: groups side by side, the checks of a group one after the other, and each after those it needs. What
 * rests on something that could not be had is skipped with the reason, and a check that hangs is itself a finding.
 * @param before Findings of an earlier round, for checks that are needed and not made again.
 * @returns Findings in the order of the checks. Rejects with the reason where the context's signal is aborted.
 */
export async function runChecks(
  checks: readonly Check[],
  context: DoctorContext,
  watcher: RoundWatcher = {},
  before: readonly Finding[] = [],
): Promise<Finding[]> {
  const findings = new Map<string, Promise<Finding>>(before.map((finding) => [finding.id, Promise.resolve(finding)]));
  const starts: (() => void)[] = [];
  const lastOfGroup = new Map<string, Promise<unknown>>();
  const results = checks.map((check) => {
    const previous = lastOfGroup.get(check.group);
    // No check begins before all are known: each finds those it needs, wherever they stand.
    const begun = new Promise<void>((begin) => starts.push(begin));
    const finding = begun.then(async () => {
      await previous;
      return makeCheck(check, findings, context, watcher);
    });
    findings.set(check.id, finding);
    lastOfGroup.set(check.group, finding);
    return finding;
  });
  for (const begin of starts) begin();
  // All are waited for, also where one rejects: nothing may go on behind the back of who cleans up.
  const settled = await Promise.allSettled(results);
  context.signal.throwIfAborted();
  return settled.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

async function makeCheck(
  check: Check,
  findings: ReadonlyMap<string, Promise<Finding>>,
  context: DoctorContext,
  watcher: RoundWatcher,
): Promise<Finding> {
  const obstacle = await findObstacle(check, findings);
  context.signal.throwIfAborted();
  const startedAtMs = performance.now();
  if (obstacle === null) watcher.started?.(check);
  const outcome = obstacle === null ? await within(check, context) : obstacle.outcome;
  context.signal.throwIfAborted();
  const { id, group, title } = check;
  const durationMs = Math.round(performance.now() - startedAtMs);
  const finding: Finding = { id, group, title, durationMs, blockedBy: obstacle?.id ?? null, ...outcome };
  watcher.ended?.(finding);
  return finding;
}

/** What keeps a check from being made: the finding at the root of it, and the reason; null where nothing does. */
async function findObstacle(
  check: Check,
  findings: ReadonlyMap<string, Promise<Finding>>,
): Promise<{ readonly id: string; readonly outcome: Outcome } | null> {
  for (const need of check.needs ?? []) {
    const finding = await findings.get(need);
    if (finding === undefined) throw new TypeError(`${check.id} needs ${need}, and there is no such check.`);
    const { blocks, status, title, blockedBy } = finding;
    const reason = blocks ?? (status === 'broken' ? `“${title}” must be mended first` : null);
    if (reason === null) continue;
    return { id: blockedBy ?? need, outcome: unchecked(reason) };
  }
  return null;
}

/** The outcome, or what came in its place: an error, or nothing in time. */
async function within(check: Check, context: DoctorContext): Promise<Outcome> {
  const timeoutMs = check.timeoutMs ?? usualTimeoutMs;
  const limit = new AbortController();
  const signal = AbortSignal.any([context.signal, limit.signal]);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => {
      resolve(broken(`There was no answer in ${formatDuration(timeoutMs)}`, { facts: { timeoutMs } }));
      limit.abort();
    }, timeoutMs);
  });
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      if (context.signal.aborted) reject(context.signal.reason);
    });
  });
  stopped.catch(() => undefined);
  try {
    return await Promise.race([check.run(context, signal).catch((error: unknown) => failed(error)), late, stopped]);
  } finally {
    clearTimeout(timer);
    limit.abort();
  }
}

function failed(error: unknown): Outcome {
  if (error instanceof SlipwayError) return broken(sentenceOf(error));
  return broken(`This check failed by itself: ${errorMessage(error)}`, { facts: { defect: true } });
}
