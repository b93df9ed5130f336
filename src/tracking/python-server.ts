import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../errors.ts';
import { isGroupFolder } from '../util/group-folder.ts';
import { withUmask } from '../util/with-umask.ts';
import { pythonWithMlflow } from './python-environment.ts';
import { serverArguments, serverEnvironment } from './server-command.ts';
import { markVariable } from './server-processes.ts';
import type { StartContext, StartedServer, TrackingPaths } from './types.ts';

const longestLogBytes = 10 * 1024 * 1024;

/** Starts the server as a process in a session of its own, which outlives this one. */
export async function startPythonServer(context: StartContext): Promise<StartedServer> {
  const python = await pythonWithMlflow(context);
  await rotateLog(context.paths);
  const child = await spawnServer(python, context);
  return {
    kind: 'python',
    id: String(child.pid),
    ended: async () => {
      const { exitCode, signalCode } = child;
      if (exitCode === null && signalCode === null) return null;
      return `it ended with ${signalCode ?? `exit code ${exitCode}`}`;
    },
  };
}

async function spawnServer(python: string, { paths, port, environment }: StartContext): Promise<ChildProcess> {
  const log = openSync(paths.log, 'a', 0o644);
  try {
    const start = (): ChildProcess =>
      spawn(python, ['-m', 'mlflow', ...serverArguments('127.0.0.1', port)], {
        cwd: paths.directory,
        detached: true,
        stdio: ['ignore', log, log],
        // Nothing else is handed on: MLFLOW_… variables would change the server, and secrets would live on in it.
        env: {
          // The server starts its workers by name.
          PATH: [dirname(python), environment.PATH].filter(Boolean).join(':'),
          HOME: environment.HOME,
          TMPDIR: environment.TMPDIR,
          LANG: environment.LANG ?? 'C.UTF-8',
          ...serverEnvironment,
          [markVariable]: paths.key,
        },
      });
    // What it makes in a group's storage is the group's.
    const child = isGroupFolder(paths.directory) ? withUmask(0o002, start) : start();
    await once(child, 'spawn');
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

/** Keeps the log of a server that lives for years from filling the disk: one older part stays. */
async function rotateLog({ log }: TrackingPaths): Promise<void> {
  try {
    if ((await stat(log)).size > longestLogBytes) await rename(log, `${log}.1`);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
