import { environment } from '../config.ts';

/** Seconds between two looks at the run on its server; for tests and for servers that are far away. */
const pollVariable = 'SLIPWAY_SERVER_POLL_S';
const usualPollMs = 10_000;
const shortestPollMs = 100;

/** How often an agent looks at its run on the server, and what is wrong with the variable that says so, or null. */
export function serverPoll(): { readonly intervalMs: number; readonly problem: string | null } {
  const given = environment()[pollVariable];
  if (given === undefined || given === '') return { intervalMs: usualPollMs, problem: null };
  const intervalMs = Number(given) * 1000;
  if (Number.isFinite(intervalMs) && intervalMs >= shortestPollMs) return { intervalMs, problem: null };
  const expected = `a number of seconds, ${shortestPollMs / 1000} at least`;
  const problem = `${pollVariable} is "${given}", not ${expected}: the server is looked at every ${usualPollMs / 1000} s.`;
  return { intervalMs: usualPollMs, problem };
}
