import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { plainEnvironment } from '../support/plain-environment.ts';
import type { FaultRow } from './support/row.ts';
import type { Scene } from './support/scene.ts';

const usual = { isQuick: true, engine: 'host', parameters: { epochs: 20, epoch_ms: 100 } } as const;

/** A terminal in which the row's launch runs; who kills it closes it. */
function openTerminal(scene: Scene): ChildProcess {
  const helper = resolve(import.meta.dirname, '../support/pty_run.py');
  const program = [process.execPath, resolve(import.meta.dirname, '../../bin/slipway'), ...scene.launchWords()];
  return spawn('python3', [helper, '120', '40', '[]', ...program, '--storage', scene.storage], {
    env: plainEnvironment({ TERM: 'xterm-256color', ...scene.variables }),
    stdio: 'ignore',
  });
}

function cannotOpenTerminal(): string | null {
  return spawnSync('python3', ['--version']).status === 0 ? null : 'there is no python3 to make a terminal with';
}

/** A signal to the launcher, as soon as the program is in the midst of it. */
function signalled(signal: NodeJS.Signals): NonNullable<FaultRow['act']> {
  return async (scene) => {
    await scene.written(6);
    scene.launcher.child.kill(signal);
  };
}

export const launcherRows: readonly FaultRow[] = [
  {
    ...usual,
    name: 'launcher-sigint',
    fault: 'launcher: SIGINT',
    promise:
      'The program is stopped politely, all it wrote arrives, the run is KILLED, and the launcher exits with 130.',
    act: signalled('SIGINT'),
    ends: { status: 'KILLED', exitCode: 130, reason: /stopped/ },
    told: [/Stopping the run/],
  },
  {
    ...usual,
    name: 'launcher-sigterm',
    fault: 'launcher: SIGTERM',
    promise: 'As for SIGINT, and the launcher exits with 143.',
    act: signalled('SIGTERM'),
    ends: { status: 'KILLED', exitCode: 143, reason: /stopped/ },
    told: [/Stopping the run/],
  },
  {
    ...usual,
    name: 'launcher-sighup',
    fault: 'launcher: SIGHUP',
    promise: 'The run goes on without it and finishes.',
    act: signalled('SIGHUP'),
    ends: { status: 'FINISHED' },
    values: 40,
  },
  {
    ...usual,
    name: 'launcher-sigkill',
    fault: 'launcher: SIGKILL',
    promise: 'The run goes on without it and finishes.',
    act: signalled('SIGKILL'),
    ends: { status: 'FINISHED' },
    values: 40,
  },
  {
    ...usual,
    name: 'launcher-terminal-closed',
    fault: 'launcher: terminal closed',
    promise: 'The run goes on without it and finishes.',
    cannot: cannotOpenTerminal,
    async launch(scene) {
      const terminal = openTerminal(scene);
      await scene.written(6);
      terminal.kill('SIGKILL');
    },
    ends: { status: 'FINISHED' },
    values: 40,
  },
];
