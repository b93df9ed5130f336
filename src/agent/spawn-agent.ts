import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { environment } from '../config.ts';
import { packageRoot } from '../util/package-root.ts';

/** What an agent exits with where the run has another one already. */
export const agentExitHeld = 3;

/**
 * Starts an agent for the run in a session of its own, so that neither Ctrl-C nor a closed terminal reaches it.
 * Where the run has an agent already, the new one ends with `agentExitHeld`. Call `unref()` to leave it.
 */
export function spawnAgent(
  runDirectory: string,
  extraEnvironment: Readonly<Record<string, string>> = {},
): ChildProcess {
  const logs = join(runDirectory, 'logs');
  mkdirSync(logs, { recursive: true });
  const crashLog = openSync(join(logs, 'agent-crash.log'), 'a');
  try {
    const child = spawn(process.execPath, [join(packageRoot(), 'bin', 'slipway'), 'agent', runDirectory], {
      cwd: '/',
      detached: true,
      env: { ...environment(), ...extraEnvironment },
      stdio: ['ignore', crashLog, crashLog],
    });
    return child;
  } finally {
    closeSync(crashLog);
  }
}
