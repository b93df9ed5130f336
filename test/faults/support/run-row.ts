import { setTimeout as delay } from 'node:timers/promises';
import { errorMessage } from '../../../src/errors.ts';
import type { SlipwayEnd } from '../../support/slipway.ts';
import { type AuditedRun, auditRun } from './audit-run.ts';
import { leftovers, livingProcesses, temporaryFiles } from './leftovers.ts';
import type { FaultRow } from './row.ts';
import { Scene, type SceneParts } from './scene.ts';

/** What a row came to: a line of the table. */
export interface RowOutcome {
  readonly row: FaultRow;
  readonly written: number;
  readonly onServer: number;
  readonly doubles: number;
  readonly status: string;
  /** From the end of the fault until everything had ended; null where it never did. */
  readonly settledSeconds: number | null;
  /** Broken promises; none where the row holds. */
  readonly problems: readonly string[];
  /** Why it was not run, or null. */
  readonly skipped: string | null;
}

/** The outcome of a row that needs what is not here. */
export function notRun(row: FaultRow, skipped: string): RowOutcome {
  const nothing = { written: 0, onServer: 0, doubles: 0, status: '', settledSeconds: null, problems: [] };
  return { row, ...nothing, skipped };
}

const usualPatienceSeconds = 90;

/** Runs one row, and looks whether what it promises, and what all rows do, has held. */
export async function runRow(parts: SceneParts): Promise<RowOutcome> {
  const { row } = parts;
  await using scene = await Scene.open(parts);
  const patience = new AbortController();
  const timer = delay((row.patienceSeconds ?? usualPatienceSeconds) * 1000, undefined, { signal: patience.signal })
    .then(() => scene.giveUp())
    .catch(() => undefined);
  const problems: string[] = [];
  let ends: SlipwayEnd[] = [];
  let settledSeconds: number | null = null;
  try {
    await row.prepare?.(scene);
    if (row.launch === undefined) scene.launch();
    else await row.launch(scene);
    await row.act?.(scene);
    scene.faultOverMs ??= Date.now();
    ends = await scene.settled();
    settledSeconds = (Date.now() - scene.faultOverMs) / 1000;
  } catch (error) {
    problems.push(errorMessage(error));
  } finally {
    patience.abort();
    await timer;
  }
  const runs: AuditedRun[] = [];
  for (const directory of scene.runDirectories()) {
    const run = await auditRun(scene, directory);
    runs.push(run);
    problems.push(...run.problems, ...valueProblems(row, run));
    if (settledSeconds !== null)
      problems.push(...leftovers(directory, scene.environment.DOCKER_HOST, row.engine === 'docker'));
  }
  if (runs.length === 0) problems.push('there is no run folder');
  problems.push(...tellProblems(row, scene, ends));
  if (settledSeconds !== null) {
    problems.push(...livingProcesses(scene.folder.path));
    const files = [scene.storage, scene.temporary].flatMap(temporaryFiles);
    if (files.length > 0) problems.push(`temporary files are left: ${files.join(', ')}`);
  }
  try {
    await row.check?.(runs, scene);
  } catch (error) {
    problems.push(errorMessage(error));
  }
  if (problems.length > 0) problems.push(`what was told:\n${scene.told()}`);
  const sum = (of: (run: AuditedRun) => number): number => runs.reduce((total, run) => total + of(run), 0);
  return {
    row,
    written: sum(({ written }) => written),
    onServer: sum(({ onServer }) => onServer),
    doubles: sum(({ doubles }) => doubles),
    status: statusText(runs),
    settledSeconds,
    problems,
    skipped: null,
  };
}

/** Counts what the program wrote: how often its agent measures the machine is nobody's promise. */
function valueProblems(row: FaultRow, { log }: AuditedRun): string[] {
  const written = log.metrics.filter(({ key }) => !String(key).startsWith('system/')).length;
  if (row.values === undefined) return written > 0 ? [] : ['the run log holds no value'];
  return written === row.values ? [] : [`the run log holds ${written} values, and should hold ${row.values}`];
}

/** What the launchers said, and how they ended. */
function tellProblems(row: FaultRow, scene: Scene, ends: readonly SlipwayEnd[]): string[] {
  const told = scene.told();
  const problems = (row.told ?? [])
    .filter((pattern) => !pattern.test(told))
    .map((pattern) => `nobody was told ${pattern}`);
  const { exitCode } = row.ends;
  if (exitCode !== undefined && ends.length > 0 && ends.at(-1)?.exitCode !== exitCode)
    problems.push(`the launcher exits with ${ends.at(-1)?.exitCode}, and should with ${exitCode}`);
  // A stack trace is no message.
  if (/^\s+at .+:\d+:\d+\)?$/m.test(told)) problems.push('a stack trace was told');
  return problems;
}

function statusText(runs: readonly AuditedRun[]): string {
  const counts = new Map<string, number>();
  for (const { serverRun, state } of runs) {
    const status = serverRun?.info.status ?? `(${String(state?.state ?? 'no state')})`;
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return [...counts].map(([status, count]) => (count === 1 ? status : `${count} ${status}`)).join(', ');
}
