import { MlflowClient } from '../../src/mlflow/index.ts';
import { RunStream } from '../../src/stream/index.ts';

/** What the parent says: which run to carry, and at which checkpoint to die. */
interface Orders {
  readonly runDirectory: string;
  readonly trackingUri: string;
  readonly mlflowRunId: string;
  readonly experimentId: string;
  readonly artifactUri: string;
  /** Counted from 0; the process kills itself there as a power cut would. Null lives. */
  readonly dieAt: number | null;
}

// A process of its own, started by stream-crash.test.ts: carries a run log to its end, or dies on the way.
const orders = JSON.parse(process.argv[2] ?? '') as Orders;
const client = new MlflowClient({ trackingUri: orders.trackingUri });
let checkpoints = 0;
const stream = new RunStream({
  ...orders,
  client,
  knownParams: { epochs: '3' },
  onCheckpoint: (name) => {
    if (checkpoints++ !== orders.dieAt) return;
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
