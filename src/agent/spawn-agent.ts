import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { environment } from '../config.ts';
import { CannotWriteError, SlipwayError } from '../errors.ts';
import { openForAppend } from '../util/index.ts';
import { packageRoot } from '../util/package-root.ts';

/** `slipway agent --standby` waits for a run folder on its standard input. */
export const standbyArgument = '--standby';

/** `slipway agent RUN --send` brings the run to a server. */
export const sendArgument = '--send';

/** Where an agent's own failure is written that nothing else could tell of; relative to the run folder. */
export const crashLogName = join('logs', 'agent-crash.log');

/** What an agent exits with where the run has another one already. */
export const agentExitHeld = 3;

/** What an agent exits with where the run has its end and its folder cannot tell of it. */
export const agentExitUnheard = 4;

/** How an agent is to work. */
export interface AgentOptions {
  /** Whether it tells every request over HTTP and the stacks of errors. */
  readonly debug?: boolean;
  /** Values of variables that its program is handed out of files: they travel by its standard input, and lie nowhere. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Whether it is to bring the run to a server, whatever the plan says of that. */
  readonly isSent?: boolean;
  /** What it finds in its environment; by default what this process does. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Set where an agent finds the values of its program's variables on its standard input. */
const handedVariable = 'SLIPWAY_HANDED';

/** Whether the launcher of this agent hands it values by its standard input. */
export function isHandedValues(): boolean {
  return environment()[handedVariable] === '1';
}

/** An agent does as its launcher was asked to, whatever stands in the variable. */
function agentEnvironment(
  { debug = false, environment: variables }: AgentOptions,
  isHanded = false,
): NodeJS.ProcessEnv {
  return {
    ...(variables ?? environment()),
    SLIPWAY_DEBUG: debug ? '1' : undefined,
    [handedVariable]: isHanded ? '1' : undefined,
  };
}

/** Whether this process is an agent that was started to tell of its requests. */
export function isDebugging(): boolean {
  return environment().SLIPWAY_DEBUG === '1';
}

/**
 * Starts an agent for the run in a session of its own, so that neither Ctrl-C nor a closed terminal reaches it.
 * Where the run has an agent already, the new one ends with `agentExitHeld`. Call `unref()` to leave it.
 * Throws CannotWriteError where the run folder is gone, which is not made again for this, or cannot be written;
 * SlipwayError where no process can be had.
 */
export function spawnAgent(runDirectory: string, options: AgentOptions = {}): ChildProcess {
  const crashLogPath = join(runDirectory, crashLogName);
  if (!existsSync(runDirectory)) {
    const message = `The run folder ${runDirectory} was removed: the run cannot go on.`;
    throw new CannotWriteError(message, { hint: 'What runs here: `slipway ps`' });
  }
  mkdirSync(dirname(crashLogPath), { recursive: true });
  const crashLog = openForAppend(crashLogPath);
  const isHanded = Object.keys(options.variables ?? {}).length > 0;
  try {
    const words = ['agent', runDirectory, ...(options.isSent === true ? [sendArgument] : [])];
    const child = spawn(process.execPath, [join(packageRoot(), 'bin', 'slipway'), ...words], {
      cwd: '/',
      detached: true,
      env: agentEnvironment(options, isHanded),
      stdio: [isHanded ? 'pipe' : 'ignore', crashLog, crashLog],
    });
    // What is wrong comes later, as an event; that it has no process is known at once.
    child.on('error', () => {});
    if (child.pid === undefined) {
      throw new SlipwayError(`No agent could be started for the run in ${runDirectory}: no process can be had.`, {
        hint: `Has the user too many processes (\`ulimit -u\`), or was Node.js (${process.execPath}) replaced meanwhile?`,
      });
    }
    // An agent that found another one at work does not read them.
    child.stdin?.on('error', () => {});
    child.stdin?.end(JSON.stringify(options.variables));
    return child;
  } finally {
    closeSync(crashLog);
  }
}

/** An agent that was started before there was a run for it: it loads its modules while the launch is planned. */
export interface StandbyAgent {
  /** Gives it the run to carry out, and the values of files of variables. Null where it has ended: an agent must then be started as ever. */
  assign(runDirectory: string, variables?: Readonly<Record<string, string>>): ChildProcess | null;
}

/** Starts an agent that waits for its run. Where this process ends without one for it, it ends, too. */
export function startStandbyAgent(options: AgentOptions = {}): StandbyAgent {
  const child = spawn(process.execPath, [join(packageRoot(), 'bin', 'slipway'), 'agent', standbyArgument], {
    cwd: '/',
    detached: true,
    env: agentEnvironment(options),
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // That it cannot be had is seen when it is assigned its run.
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  (child.stdin as Socket).unref();
  return {
    assign(runDirectory, variables = {}) {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return null;
      child.stdin.end(`${runDirectory}\n${JSON.stringify(variables)}\n`);
      child.ref();
      return child;
    },
  };
}
