import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { SlipwayError } from '../errors.ts';
import { createExecutor } from '../executors/index.ts';
import { runPathsOf } from '../runs/index.ts';
import { removeUnfinishedWrites } from '../util/index.ts';
import { beginAttempt } from './begin-attempt.ts';
import { acquireControlSocket, type ControlSocket } from './control-socket.ts';
import { exchangeEvents } from './exchange-events.ts';
import { abandon, giveUp } from './give-up.ts';
import { learnSecrets } from './learn-secrets.ts';
import { carryOut } from './lifecycle.ts';
import { RunContext } from './run-context.ts';
import { agentExitUnheard } from './spawn-agent.ts';
import { StopRequests } from './stop-requests.ts';
import { SyncRequests } from './sync-requests.ts';

/** So many agents may fail of themselves, one after the other, before the run is given up. */
const mostFailedAgents = 3;
/** An agent that has worked for so long before it failed has got further than those before it. */
const steadyMs = 600_000;

/**
 * What became of an agent. `told`: it got the run to its end. `held`: the run has another one. `unheard`: the run has its
 * end, and its folder cannot tell of it.
 */
export type AgentEnd = 'told' | 'held' | 'unheard';

/**
 * The agent of one run: takes its lock and owns it to its end. A SIGTERM ends the agent and nothing else: the program
 * goes on, and the next agent takes the run over, as after any other death.
 * With `isSent` the run is brought to a server, whatever its plan says of that.
 * @param variables What the launcher has read in files of variables; null where the agent is to read them.
 */
export async function runAgent(
  directory: string,
  variables: Readonly<Record<string, string>> | null = null,
  { isSent = false } = {},
): Promise<AgentEnd> {
  const runDirectory = resolve(directory);
  const early: Parameters<StopRequests['request']>[0][] = [];
  let stop: StopRequests | null = null;
  const syncs = new SyncRequests();
  const socket = await acquireControlSocket(
    runDirectory,
    (request) => {
      if (stop === null) early.push(request);
      else stop.request(request);
    },
    (request, reply, gone) => syncs.request(request, (answer) => reply(JSON.stringify(answer)), gone),
  );
  if (socket === null) return 'held';
  try {
    await removeLeftWrites(runDirectory);
    const run = await openRun(runDirectory, variables);
    if (run === null) return 'unheard';
    run.isSent = isSent;
    leaveAtSigterm(run, socket);
    process.on('SIGHUP', () => {});
    process.on('SIGINT', () => {});
    const executor = createExecutor(
      run.plan.engine,
      exchangeEvents((event) => run.emit(event)),
    );
    await learnSecrets(run, executor);
    await beginAttempt(run, executor);
    const begunMs = performance.now();
    try {
      const requests = new StopRequests(run.record);
      stop = requests;
      for (const request of early) requests.request(request);
      await carryOut(run, executor, requests, syncs);
    } catch (error) {
      // The next agent may fare better; where several did not, or nothing can be kept for them, the run has failed.
      const failedAgents = failuresInARow(run.record.failedAgents, performance.now() - begunMs);
      await run.settle({ failedAgents });
      if (failedAgents < mostFailedAgents && run.writeProblem === null) throw error;
      await giveUp(run, executor, error);
    } finally {
      run.close();
    }
    return run.isHeard ? 'told' : 'unheard';
  } finally {
    socket.close();
  }
}

/** How many agents of a run have failed one after the other, with one that has failed after so much work. */
export function failuresInARow(earlier: number, workedMs: number): number {
  return workedMs < steadyMs ? earlier + 1 : 1;
}

/** Whatever an agent before this one was writing when it was killed. */
async function removeLeftWrites(runDirectory: string): Promise<void> {
  const { directory, state, sync, logs } = runPathsOf(runDirectory);
  // The plan of a next attempt is written by its launcher.
  await removeUnfinishedWrites(directory, basename(state));
  for (const folder of [sync, logs]) await removeUnfinishedWrites(folder);
}

/** Null where there is no plan any more: the run is ended then, as far as its state tells how. */
async function openRun(
  runDirectory: string,
  variables: Readonly<Record<string, string>> | null,
): Promise<RunContext | null> {
  try {
    return await RunContext.open(runDirectory, variables);
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    await abandon(runDirectory, error);
    if (!existsSync(runDirectory)) return null;
    // Another agent would fare no better.
    throw new SlipwayError(error.message, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      exitCode: agentExitUnheard,
      cause: error,
    });
  }
}

/** All that must outlive the agent is on the disk at any moment, so that it only has to end. */
function leaveAtSigterm(run: RunContext, socket: ControlSocket): void {
  process.once('SIGTERM', () => {
    run.emit({ type: 'detail', text: 'The agent was told to end; the run goes on without it.' });
    socket.close();
    process.removeAllListeners('SIGTERM');
    process.kill(process.pid, 'SIGTERM');
  });
}
