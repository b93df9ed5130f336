import { setTimeout as delay } from 'node:timers/promises';
import type { RequestHead } from './support/request-reader.ts';
import type { FaultRow } from './support/row.ts';
import type { Scene } from './support/scene.ts';
import type { NetworkFault } from './support/tcp-proxy.ts';

const usual = { engine: 'host', parameters: { epochs: 20, epoch_ms: 100 }, values: 40 } as const;
const finished = { status: 'FINISHED', exitCode: 0 } as const;
const paused = /takes nothing at the moment; everything waits in the run folder/;
const again = /takes values again/;

/** What carries values, params, tags and files: what the launch itself asks of the server comes through. */
function carries({ path }: RequestHead): boolean {
  return /runs\/log-|mlflow-artifacts/.test(path);
}

/** From the first values on, and for some seconds, a fault befalls all that is carried. */
function answered(fault: NetworkFault, seconds: number): NonNullable<FaultRow['act']> {
  return async (scene) => {
    await scene.written(6);
    scene.proxy.fault = (head) => (carries(head) ? fault : null);
    await delay(seconds * 1000);
    scene.proxy.fault = null;
    if (scene.proxy.befallen === 0) throw new Error('the fault befell no request');
  };
}

/** The server goes away in mid-run, and comes back after some seconds. */
function away(seconds: number): NonNullable<FaultRow['act']> {
  return async (scene) => {
    await scene.written(6);
    await scene.proxy.down();
    await delay(seconds * 1000);
    await scene.proxy.up();
  };
}

/** Kills the server while a request with values is on its way to it, and starts it again on what it kept. */
async function killInBatch(scene: Scene): Promise<void> {
  await scene.written(6);
  let isCaught = false;
  scene.proxy.fault = ({ path }) => {
    if (!path.includes('runs/log-batch')) return null;
    isCaught = true;
    return { kind: 'silence', reaches: true };
  };
  await scene.eventually('a batch on its way', () => isCaught || undefined);
  await scene.server.kill();
  scene.proxy.fault = null;
  // The connections of a server that was killed are broken by its machine.
  await scene.proxy.down();
  await scene.proxy.up();
  await scene.server.restart();
}

export const serverRows: readonly FaultRow[] = [
  {
    ...usual,
    name: 'server-down-at-start',
    fault: 'server: down at start',
    promise:
      'Nothing is started; the launch ends at once with 69, says that nothing accepts connections there, and what to do.',
    isQuick: true,
    prepare: (scene) => scene.proxy.down(),
    values: 0,
    ends: { status: null, exitCode: 69, reason: /./ },
    told: [/nothing accepts connections there/, /→ Is the server started/],
  },
  {
    ...usual,
    name: 'server-down-at-start-offline',
    fault: 'server: down at start, with --offline-ok',
    promise: 'The run goes on in its folder; slipway sync sends everything exactly once when the server is there.',
    isQuick: true,
    options: ['--offline-ok'],
    prepare: (scene) => scene.proxy.down(),
    async act(scene) {
      const end = await scene.launcher.ended;
      if (end.exitCode !== 0) throw new Error(`the launch without a server ended with ${end.exitCode}`);
      await scene.proxy.up();
      const runId = (await scene.runDirectory()).split('/').at(-1) ?? '';
      await scene.start('sync', runId).ended;
    },
    ends: finished,
    told: [/slipway sync/],
  },
  {
    ...usual,
    name: 'server-down-in-mid-run',
    options: ['--drain-timeout', '300'],
    fault: 'server: down in mid-run for 30 s',
    promise: 'The program does not notice; what it wrote waits in the run folder and arrives once.',
    isQuick: false,
    act: away(30),
    ends: finished,
    told: [paused, again],
  },
  {
    ...usual,
    name: 'server-down-briefly',
    fault: 'server: down in mid-run for 3 s',
    promise: 'The program does not notice; what it wrote waits in the run folder and arrives once.',
    isQuick: true,
    act: away(3),
    ends: finished,
    told: [paused, again],
  },
  {
    ...usual,
    name: 'server-killed-in-batch',
    fault: 'server: killed in the middle of a batch and restarted',
    promise: 'Whether the batch was stored or not, each value is there once.',
    isQuick: false,
    ownServer: true,
    act: killInBatch,
    ends: finished,
    told: [paused, again],
  },
  {
    ...usual,
    name: 'server-empty',
    fault: 'server: restarted with an empty database',
    promise:
      'A new run is made from the log, with all of it, tagged slipway.replaces with the id of the one that is gone.',
    isQuick: false,
    ownServer: true,
    async act(scene) {
      await scene.written(6);
      await scene.server.kill();
      await scene.emptyServer();
      await scene.server.restart();
    },
    ends: { ...finished, tags: { 'slipway.replaces': /^[0-9a-f]{32}$/ } },
    told: [/came back without the run [0-9a-f]{32}: a new one gets all of it/],
  },
  {
    ...usual,
    name: 'server-500',
    fault: 'server: answers 500 for 6 s',
    promise: 'It is asked again, and everything arrives once.',
    isQuick: true,
    act: answered({ kind: 'answer', status: 500, body: '{"error_code": "INTERNAL_ERROR", "message": "no"}' }, 6),
    ends: finished,
    told: [paused, again],
  },
  {
    ...usual,
    name: 'server-503',
    fault: 'server: answers 503 with Retry-After: 3',
    promise: 'It is left alone for as long as it asks, then everything arrives once.',
    isQuick: true,
    act: answered({ kind: 'answer', status: 503, headers: { 'retry-after': '3' }, body: 'later' }, 4),
    ends: finished,
    told: [paused, again],
    check(_, { proxy }) {
      // Two lanes, and at most one request of each in 3 s.
      if (proxy.befallen > 6) throw new Error(`it was asked ${proxy.befallen} times in 4 s`);
    },
  },
  {
    ...usual,
    name: 'server-429',
    fault: 'server: answers 429',
    promise: 'It is asked again, ever more slowly, and everything arrives once.',
    isQuick: true,
    act: answered({ kind: 'answer', status: 429, body: 'slow down' }, 4),
    ends: finished,
    told: [paused, again],
  },
  {
    ...usual,
    name: 'server-html',
    fault: 'server: answers with a page of HTML (status 200)',
    promise: 'That is no acknowledgement: everything is sent again, and arrives once.',
    isQuick: true,
    act: answered(
      {
        kind: 'answer',
        status: 200,
        headers: { 'content-type': 'text/html' },
        body: '<!doctype html><title>Sign in</title>Sign in',
      },
      4,
    ),
    ends: finished,
    told: [paused, again],
  },
  {
    ...usual,
    name: 'server-truncated',
    fault: 'server: its answers break off',
    promise: 'What the server stored without saying so is not stored twice.',
    isQuick: true,
    act: answered({ kind: 'truncate', afterBytes: 20 }, 4),
    ends: finished,
    told: [paused, again],
  },
  {
    ...usual,
    name: 'server-silent',
    options: ['--drain-timeout', '300'],
    fault: 'server: never answers for 100 s',
    promise:
      'The program does not notice; a request is given up after 90 s and sent again, and everything arrives once.',
    isQuick: false,
    act: answered({ kind: 'silence', reaches: true }, 100),
    ends: finished,
    told: [paused, again],
    patienceSeconds: 240,
  },
  {
    ...usual,
    name: 'server-slow',
    options: ['--drain-timeout', '300'],
    fault: 'server: takes 5 s for each answer',
    promise: 'Neither the program nor its end is held up by more than the answers take; everything arrives once.',
    isQuick: false,
    async act(scene) {
      await scene.written(2);
      scene.proxy.fault = () => ({ kind: 'delay', delayMs: 5000 });
    },
    ends: finished,
    patienceSeconds: 240,
  },
];
