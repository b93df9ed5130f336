import { MlflowClient } from '../../src/mlflow/index.ts';
import { RunStream } from '../../src/stream/index.ts';

/** What the parent says: which run to carry, and at which checkpoint to die. */
interface Orders {
  readonly runDirectory: string;
  readonly trackingUri: string;
  readonly mlflowRunId: string;
  readonly experimentId: string;
  readonly artifactUri: string;
  /**
   * The process kills itself there as a power cut would: at a checkpoint counted from 0, or at one of a name, as
   * `batch-sent 0` for the first. Null lives.
   */
  readonly dieAt: number | string | null;
}

// A process of its own, started by stream-crash.test.ts: carries a run log to its end, or dies on the way.
const orders = JSON.parse(process.argv[2] ?? '') as Orders;
const client = new MlflowClient({ trackingUri: orders.trackingUri });
const checkpoints: string[] = [];
const stream = new RunStream({
  ...orders,
  client,
  knownParams: { epochs: '3' },
  onCheckpoint: (name) => {
    const label = `${name} ${checkpoints.filter((each) => each.startsWith(`${name} `)).length}`;
    checkpoints.push(label);
    if (label !== orders.dieAt && checkpoints.length - 1 !== orders.dieAt) return;
    process.stdout.write(`died at ${name}\n`);
    process.kill(process.pid, 'SIGKILL');
    // The signal is delivered a moment later; nothing may happen in it.
    for (;;);
  },
});
stream.start();
stream.programEnded();
const status = await stream.drain();
await stream.close();
await client.close();
process.stdout.write(`${JSON.stringify({ checkpoints, status })}\n`);
