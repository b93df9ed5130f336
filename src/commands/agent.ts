import { appendFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { agentExitHeld, agentExitUnheard, crashLogName, isHandedValues, standbyArgument } from '../agent/index.ts';
import { errorMessage } from '../errors.ts';

type Variables = Readonly<Record<string, string>>;

const variablesSchema = z.record(z.string(), z.string());

/**
 * `slipway agent RUN_DIRECTORY`: started by the launcher, not by people, and so not in the help. With `--standby` the
 * folder comes on standard input as soon as the run is planned, with the values of its files of variables, and where none
 * comes nothing is done.
 * Resolves with the exit code.
 */
export async function agentCommand(argument: string, isSent = false): Promise<number> {
  // Not by the index: whoever only reaches for an agent needs nothing of what an agent does.
  const { runAgent } = await import('../agent/run-agent.ts');
  const exitCodes = { told: 0, held: agentExitHeld, unheard: agentExitUnheard } as const;
  const carryOut = async (directory: string, variables: Variables | null): Promise<number> =>
    exitCodes[await runAgent(directory, variables, { isSent })];
  if (argument !== standbyArgument) {
    return carryOut(argument, isHandedValues() ? parseVariables(await text(process.stdin)) : null);
  }
  const run = await awaitRun();
  if (run === null) return 0;
  const { directory, variables } = run;
  process.title = `slipway agent ${basename(directory)}`;
  // It was started before there was a file for its standard error.
  const keep = (error: unknown): void => {
    const stack = error instanceof Error ? error.stack : undefined;
    appendFileSync(join(directory, crashLogName), `${stack ?? errorMessage(error)}\n`);
  };
  process.on('uncaughtExceptionMonitor', keep);
  try {
    return await carryOut(directory, variables);
  } catch (error) {
    keep(error);
    throw error;
  }
}

/** Loads what an agent will need, and waits for its run folder. Null where the launch was given up. */
async function awaitRun(): Promise<{ directory: string; variables: Variables | null } | null> {
  const given = text(process.stdin);
  const [{ loadTransport }, { loadUndici }] = await Promise.all([
    import('../docker/index.ts'),
    import('../http/index.ts'),
  ]);
  await loadTransport();
  loadUndici();
  const [directory = '', values, end] = (await given).split('\n');
  if (values === undefined || end === undefined) return null;
  return { directory, variables: parseVariables(values) };
}

/** Null where the launcher died before it had said all: the agent then reads the files itself. */
function parseVariables(values: string): Variables | null {
  try {
    return variablesSchema.parse(JSON.parse(values));
  } catch {
    return null;
  }
}
