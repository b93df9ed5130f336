import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { errorMessage } from '../errors.ts';
import type { Check, Finding } from './check.ts';

/** A command that mends something, and what it mends. */
export interface Repair {
  readonly command: string;
  readonly argv: readonly string[];
  /** Ids of the findings it mends. */
  readonly mends: readonly string[];
}

/** How a repair went. */
export interface Repaired extends Repair {
  /** Null where it could not be started, or was ended by a signal. */
  readonly exitCode: number | null;
  /** Why it could not be started; null where it was. */
  readonly problem: string | null;
}

/** The safe repairs of findings, each once, in the order of the findings. */
export function planRepairs(findings: readonly Finding[]): Repair[] {
  const repairs = new Map<string, Repair>();
  for (const { id, status, mend } of findings) {
    if (status === 'fine' || !mend?.isSafe || mend.argv === null) continue;
    const known = repairs.get(mend.command);
    repairs.set(mend.command, { command: mend.command, argv: mend.argv, mends: [...(known?.mends ?? []), id] });
  }
  return [...repairs.values()];
}

/** Checks to make again after repairs: those whose findings were mended, and all that rest on them. */
export function affectedChecks(checks: readonly Check[], repairs: readonly Repair[]): Check[] {
  const affected = new Set(repairs.flatMap(({ mends }) => mends));
  // Checks need earlier ones only, so that one pass suffices.
  for (const { id, needs = [] } of checks) if (needs.some((need) => affected.has(need))) affected.add(id);
  return checks.filter(({ id }) => affected.has(id));
}

/** Runs a repair; what it writes goes to standard error. No shell reads its words. */
export async function runRepair(
  repair: Repair,
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<Repaired> {
  const [program = '', ...words] = repair.argv;
  const child = spawn(program, words, { env: environment, stdio: ['ignore', 2, 2], signal, killSignal: 'SIGTERM' });
  try {
    const [exitCode] = (await once(child, 'close')) as [number | null];
    return { ...repair, exitCode, problem: null };
  } catch (error) {
    signal.throwIfAborted();
    return { ...repair, exitCode: null, problem: errorMessage(error) };
  }
}
