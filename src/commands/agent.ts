import { appendFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { agentExitHeld, crashLogName, standbyArgument } from '../agent/index.ts';
import { errorMessage } from '../errors.ts';

/**
 * `slipway agent RUN_DIRECTORY`: started by the launcher, not by people, and so not in the help. With `--standby` the
 * folder comes on standard input as soon as the run is planned, and where none comes nothing is done.
 * Resolves with the exit code.
 */
export async function agentCommand(argument: string): Promise<number> {
  // Not by the index: whoever only reaches for an agent needs nothing of what an agent does.
  const { runAgent } = await import('../agent/run-agent.ts');
  const carryOut = async (directory: string): Promise<number> => ((await runAgent(directory)) ? 0 : agentExitHeld);
  if (argument !== standbyArgument) return carryOut(argument);
  const directory = await awaitRun();
  if (directory === null) return 0;
  process.title = `slipway agent ${basename(directory)}`;
  // It was started before there was a file for its standard error.
  const keep = (error: unknown): void => {
    const stack = error instanceof Error ? error.stack : undefined;
    appendFileSync(join(directory, crashLogName), `${stack ?? errorMessage(error)}\n`);
  };
  process.on('uncaughtExceptionMonitor', keep);
  try {
    return await carryOut(directory);
  } catch (error) {
    keep(error);
    throw error;
  }
}

/** Loads what an agent will need, and waits for its run folder. Null where the launch was given up. */
async function awaitRun(): Promise<string | null> {
  const given = text(process.stdin);
  const [{ loadTransport }, { loadUndici }] = await Promise.all([
    import('../docker/index.ts'),
    import('../http/index.ts'),
  ]);
  await loadTransport();
  loadUndici();
  const line = await given;
  return line.endsWith('\n') ? line.slice(0, -1) : null;
}
