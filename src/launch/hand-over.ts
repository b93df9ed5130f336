import { join } from 'node:path';
import { agentExitHeld, agentLives, crashLogName, type StandbyAgent, spawnAgent } from '../agent/index.ts';
import { ExitCode, SlipwayError } from '../errors.ts';
import { type RunPlan, readState } from '../runs/index.ts';
import { sleep } from '../util/index.ts';

const pollMs = 10;

/** A run that was launched and is not watched. */
export interface DetachedRun {
  readonly runId: string;
  readonly runName: string;
  /** Absolute folder of the run on this machine. */
  readonly runDirectory: string;
}

interface HandOverContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly standby?: StandbyAgent;
  /** What was read in files of variables. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly debug?: boolean;
}

/**
 * Gives a planned run to an agent; resolves as soon as that has begun it: from then on the next command adopts the run where
 * the agent dies, which nobody watches. Throws SlipwayError where none could take it.
 */
export async function handOver(
  runDirectory: string,
  { runId, runName, attempt }: RunPlan,
  { environment, standby, variables = {}, debug = false }: HandOverContext,
): Promise<DetachedRun> {
  const agent = standby?.assign(runDirectory, variables) ?? spawnAgent(runDirectory, { debug, environment, variables });
  let exitCode: number | null | undefined;
  agent.once('exit', (code) => {
    exitCode = code;
  });
  const hasBegun = async (): Promise<boolean> => (await readState(runDirectory).catch(() => null))?.attempt === attempt;
  while (exitCode === undefined && !((await agentLives(runDirectory)) && (await hasBegun()))) await sleep(pollMs);
  // A short run may be over by now, and another one may have been faster to take it.
  if (exitCode !== undefined && exitCode !== 0 && exitCode !== agentExitHeld) {
    throw new SlipwayError(`The agent of the run ${runId} ended before it took the run.`, {
      exitCode: ExitCode.internal,
      hint: `Why is in ${join(runDirectory, crashLogName)}`,
    });
  }
  agent.unref();
  return { runId, runName, runDirectory };
}
