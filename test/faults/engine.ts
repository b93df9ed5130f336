import { setTimeout as delay } from 'node:timers/promises';
import { cannotStartEngine, PrivateEngine } from './support/private-engine.ts';
import type { FaultRow } from './support/row.ts';
import type { Scene } from './support/scene.ts';

const engines = new WeakMap<Scene, PrivateEngine>();

/** Gives the scene an engine that it may break. */
function ownEngine(liveRestore: boolean): NonNullable<FaultRow['prepare']> {
  return async (scene) => {
    const engine = await PrivateEngine.open({ liveRestore });
    engines.set(scene, engine);
    scene.environment.DOCKER_HOST = engine.host;
    scene.cleanups.push(() => engine[Symbol.asyncDispose]());
  };
}

function engineOf(scene: Scene): PrivateEngine {
  const engine = engines.get(scene);
  if (engine === undefined) throw new Error('the row has no engine of its own');
  return engine;
}

/** The engine ends in the midst of a run, and is there again after a while. */
function restarted(signal: 'SIGTERM' | 'SIGKILL', awaySeconds: number): NonNullable<FaultRow['act']> {
  return async (scene) => {
    await scene.written(10);
    await engineOf(scene).end(signal);
    await delay(awaySeconds * 1000);
    await engineOf(scene).start();
  };
}

const usual = {
  engine: 'docker',
  isQuick: false,
  cannot: cannotStartEngine,
  parameters: { epochs: 100, epoch_ms: 100 },
  patienceSeconds: 180,
} as const;

export const engineRows: readonly FaultRow[] = [
  {
    ...usual,
    name: 'engine-restarted-live-restore',
    fault: 'engine: dockerd restarted, live-restore on',
    promise: 'The container goes on, and so does its agent: everything arrives once, and its exit code is known.',
    prepare: ownEngine(true),
    act: restarted('SIGTERM', 1),
    values: 200,
    ends: { status: 'FINISHED', exitCode: 0 },
  },
  {
    ...usual,
    name: 'engine-restarted',
    fault: 'engine: dockerd restarted, live-restore off',
    promise: 'The engine ends the container: FAILED with the code that it left with; all it wrote is on the server.',
    prepare: ownEngine(false),
    act: restarted('SIGTERM', 1),
    ends: { status: 'FAILED', exitCode: 143, reason: /143|SIGTERM/ },
    told: [/143|SIGTERM/],
  },
  {
    ...usual,
    name: 'engine-gone-and-back',
    fault: 'engine: gone for 20 s (SIGKILL) and back, live-restore on',
    promise: 'The container goes on, the agent waits for the engine; everything arrives once.',
    prepare: ownEngine(true),
    act: restarted('SIGKILL', 20),
    values: 200,
    ends: { status: 'FINISHED', exitCode: 0 },
  },
  {
    ...usual,
    name: 'engine-image-deleted',
    fault: 'engine: image deleted between build and start',
    promise: 'FAILED before anything has run, with 69; the message names the image, and says what to do.',
    async prepare(scene) {
      await ownEngine(false)(scene);
      // The image is there before the server has answered: so there is a moment in between.
      scene.proxy.fault = ({ path }) => (path.includes('runs/create') ? { kind: 'delay', delayMs: 8000 } : null);
    },
    async act(scene) {
      await scene.journal('"type":"step-finished","id":"prepare"');
      const engine = engineOf(scene);
      await engine.docker('rmi', '--force', await engine.docker('images', '--quiet', 'faults'));
    },
    values: 0,
    ends: { status: 'FAILED', exitCode: 69, reason: /image faults:\S+ was removed after it was prepared/ },
    told: [/was removed after it was prepared/, /→.*Launch again/],
  },
];
