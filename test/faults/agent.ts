import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { agentProcesses } from '../support/agent-processes.ts';
import type { RunningSlipway } from '../support/slipway.ts';
import type { FaultRow } from './support/row.ts';
import type { Scene } from './support/scene.ts';

const usual = { engine: 'host', isQuick: true, parameters: { epochs: 20, epoch_ms: 100 } } as const;

/** When an agent is killed: after this, and a random while. */
const moments = [
  { name: 'build', reached: (scene: Scene, run: RunningSlipway) => scene.journal('"state":"preparing"', run) },
  { name: 'start', reached: (scene: Scene, run: RunningSlipway) => scene.journal('"state":"starting"', run) },
  { name: 'mid-epoch', reached: (scene: Scene, run: RunningSlipway) => scene.written(4, run) },
  { name: 'upload', reached: (scene: Scene, run: RunningSlipway) => scene.written(20, run) },
  { name: 'end', reached: (scene: Scene, run: RunningSlipway) => scene.journal('"state":"draining"', run) },
] as const;
const killsAMoment = 4;
const longestWhileMs = 400;

/** Launches a run, kills its agent at a moment, and has it adopted: by its launcher, or by another command later. */
async function killedAt(scene: Scene, index: number): Promise<void> {
  const moment = moments[index % moments.length]!;
  // Of a commit that nothing was built of yet.
  if (moment.name === 'build') scene.project.git('commit', '--quiet', '--allow-empty', '--message', `Build ${index}`);
  const running = scene.launch();
  await moment.reached(scene, running);
  const directory = await scene.runDirectory(running);
  await delay(Math.random() * longestWhileMs);
  const killsLauncher = index % 2 === 1;
  if (killsLauncher) running.child.kill('SIGKILL');
  for (const pid of agentProcesses(directory)) process.kill(pid, 'SIGKILL');
  if (killsLauncher) await scene.start('sync', basename(directory)).ended;
  else await running.ended;
}

/** The shim that sets a process's clock back, compiled for this machine. */
function compileClock(scene: Scene): void {
  const library = scene.folder.join('clock.so');
  const source = join(import.meta.dirname, 'support', 'set-back-clock.c');
  execFileSync('gcc', ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl'], { stdio: 'pipe' });
  scene.environment.LD_PRELOAD = library;
  scene.environment.FAULT_CLOCK_FILE = scene.folder.join('set-back');
}

function cannotCompile(): string | null {
  try {
    execFileSync('gcc', ['--version'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'there is no gcc to compile the set back clock with';
  }
}

export const agentRows: readonly FaultRow[] = [
  {
    ...usual,
    name: 'agent-sigterm',
    fault: 'agent: SIGTERM',
    promise:
      'It ends, and its run does not: the program goes on, another agent takes it over, and every value arrives once.',
    async act(scene) {
      await scene.written(6);
      for (const pid of scene.agents()) process.kill(pid, 'SIGTERM');
    },
    values: 40,
    ends: { status: 'FINISHED', exitCode: 0 },
    told: [/another one takes the run over/],
  },
  {
    ...usual,
    name: 'agent-sigkill',
    fault: 'agent: SIGKILL in mid-epoch, then adopted by its launcher',
    promise: 'The program does not notice, another agent takes the run over, and every value arrives once.',
    async act(scene) {
      await scene.written(6);
      for (const pid of scene.agents()) process.kill(pid, 'SIGKILL');
    },
    values: 40,
    ends: { status: 'FINISHED', exitCode: 0 },
    told: [/another one takes the run over/],
  },
  {
    ...usual,
    name: 'agent-sigkill-20',
    fault:
      'agent: SIGKILL at 20 random moments (build, start, mid-epoch, upload, before the final status), then adopted',
    promise: 'Each run is there once, runs once, and has each value once, whoever adopts it.',
    isQuick: false,
    engine: 'docker',
    ownProject: true,
    parameters: { epochs: 12, epoch_ms: 100 },
    async launch(scene) {
      const kills = Array.from({ length: killsAMoment * moments.length }, (_, index) => index);
      const worker = async (): Promise<void> => {
        for (let index = kills.shift(); index !== undefined; index = kills.shift()) await killedAt(scene, index);
      };
      await Promise.all([worker(), worker()]);
    },
    values: 24,
    ends: { status: 'FINISHED' },
    check(runs) {
      if (runs.length !== killsAMoment * moments.length) throw new Error(`there are ${runs.length} runs`);
    },
    patienceSeconds: 600,
  },
  {
    ...usual,
    name: 'agent-clock-set-back',
    fault: 'agent: clock set back by an hour in mid-run',
    promise: 'Values go on arriving while the program runs, each once, and the run does not end before it began.',
    cannot: cannotCompile,
    parameters: { epochs: 60, epoch_ms: 100 },
    prepare: async (scene) => compileClock(scene),
    async act(scene) {
      await scene.written(6);
      writeFileSync(scene.folder.join('set-back'), '');
      await scene.arrived(40);
      const written = scene.writtenIn(await scene.runDirectory());
      if (written === 120) throw new Error('values arrived only when the program had ended');
    },
    values: 120,
    ends: { status: 'FINISHED', exitCode: 0 },
    check([run]) {
      const { startTimeMs = 0, endTimeMs = 0 } = run?.serverRun?.info ?? {};
      if ((endTimeMs ?? 0) < (startTimeMs ?? 0)) throw new Error('the run ends before it begins');
    },
  },
];
