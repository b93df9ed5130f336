import { resolve } from 'node:path';
import { createExecutor } from '../executors/index.ts';
import { beginAttempt } from './begin-attempt.ts';
import { acquireControlSocket } from './control-socket.ts';
import { exchangeEvents } from './exchange-events.ts';
import { learnSecrets } from './learn-secrets.ts';
import { carryOut } from './lifecycle.ts';
import { RunContext } from './run-context.ts';
import { StopRequests } from './stop-requests.ts';
import { SyncRequests } from './sync-requests.ts';

/**
 * The agent of one run: takes its lock and owns it to its end. Resolves with false at once where another agent has the lock.
 * With `isSent` the run is brought to a server, whatever its plan says of that.
 * A SIGTERM to the agent itself (a machine that shuts down) asks politely for the run's end.
 * @param variables What the launcher has read in files of variables; null where the agent is to read them.
 */
export async function runAgent(
  directory: string,
  variables: Readonly<Record<string, string>> | null = null,
  { isSent = false } = {},
): Promise<boolean> {
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
    (request, reply) => syncs.request(request, (answer) => reply(JSON.stringify(answer))),
  );
  if (socket === null) return false;
  try {
    const run = await RunContext.open(runDirectory, variables);
    run.isSent = isSent;
    const executor = createExecutor(
      run.plan.engine,
      exchangeEvents((event) => run.emit(event)),
    );
    await learnSecrets(run, executor);
    await beginAttempt(run, executor);
    const requests = new StopRequests(run.record);
    stop = requests;
    for (const request of early) requests.request(request);
    process.on('SIGTERM', () => requests.request({ command: 'stop', how: 'polite', signal: 'SIGTERM' }));
    process.on('SIGHUP', () => {});
    process.on('SIGINT', () => {});
    await carryOut(run, executor, requests, syncs);
    return true;
  } finally {
    socket.close();
  }
}
