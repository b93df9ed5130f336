import type { FaultRow } from './support/row.ts';

const usual = { isQuick: true, engine: 'host', parameters: { epochs: 20, epoch_ms: 100 } } as const;

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
];
