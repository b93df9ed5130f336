import { docker } from './support/leftovers.ts';
import type { FaultRow } from './support/row.ts';

const usual = { engine: 'docker', isQuick: true } as const;
const long = { epochs: 100, epoch_ms: 100 };

export const containerRows: readonly FaultRow[] = [
  {
    ...usual,
    name: 'container-exit-1',
    fault: 'container: exit 1',
    promise: 'FAILED with the code and the last line that the program wrote; the launcher exits with 1.',
    entryPoint: 'misbehave',
    parameters: { how: 'fail' },
    values: 3,
    ends: { status: 'FAILED', exitCode: 1, reason: /code 1.*the data are damaged/s },
    told: [/the data are damaged/],
  },
  {
    ...usual,
    name: 'container-out-of-memory',
    fault: 'container: exit 137 by its memory limit',
    promise: 'FAILED for want of memory, with the limit; the launcher exits with 137.',
    entryPoint: 'misbehave',
    parameters: { how: 'eat-memory' },
    options: ['--memory', '96m'],
    values: 3,
    ends: { status: 'FAILED', exitCode: 137, reason: /memory.*96 MiB/ },
    told: [/memory/],
  },
  {
    ...usual,
    name: 'container-killed',
    fault: 'container: killed from outside',
    promise: 'FAILED, and the reason names the signal; the launcher exits with 137.',
    parameters: long,
    async act(scene) {
      await scene.written(6);
      docker(['kill', await scene.container()]);
    },
    ends: { status: 'FAILED', exitCode: 137, reason: /SIGKILL|killed/ },
    told: [/SIGKILL|killed/],
  },
  {
    ...usual,
    name: 'container-removed',
    fault: 'container: removed from outside',
    promise: 'FAILED, and the reason says that it was removed; all it wrote is on the server.',
    parameters: long,
    async act(scene) {
      await scene.written(6);
      docker(['rm', '--force', await scene.container()]);
    },
    ends: { status: 'FAILED', reason: /removed/ },
    told: [/removed/],
  },
  {
    ...usual,
    name: 'container-ignores-sigterm',
    fault: 'container: SIGTERM ignored',
    promise: 'After the time of grace it is killed; the run is KILLED, and the launcher exits with 130.',
    entryPoint: 'misbehave',
    parameters: { how: 'ignore-signals' },
    options: ['--stop-grace', '2'],
    async act(scene) {
      await scene.written(3);
      scene.launcher.child.kill('SIGINT');
    },
    ends: { status: 'KILLED', exitCode: 130, reason: /stopped/ },
    told: [/Stopping the run/],
  },
  {
    ...usual,
    name: 'container-fork-bomb',
    fault: 'container: fork bomb under a limit of 64 processes',
    promise: 'Only the program suffers: FAILED with its own code and words, and none of its processes lives on.',
    entryPoint: 'misbehave',
    parameters: { how: 'fork' },
    options: ['--pids-limit', '64'],
    values: 3,
    ends: { status: 'FAILED', exitCode: 11, reason: /code 11.*no more processes/s },
    told: [/no more processes/],
  },
];
