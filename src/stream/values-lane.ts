import { RunLogFollower } from '../runlog/index.ts';
import { type LaneContext, singleCall } from './lane-context.ts';
import { PendingValues } from './pending-values.ts';
import { indexRunLog } from './run-index.ts';
import { ValueSender } from './value-sender.ts';

/** A request is made for this many values at the latest. */
const fullBatch = 1000;
/** Otherwise so much time lies between two requests, in which values gather. */
const gatherMs = 250;

const valueTypes = new Set(['metric', 'param', 'tag', 'dataset'] as const);

/** Carries metrics, params, tags and datasets, in the order of the log, one request at a time. */
export class ValuesLane {
  readonly #context: LaneContext;
  readonly #sender: ValueSender;
  #knowsServerParams = false;
  #hasRun = false;
  /** The watcher's generation at which everything had been sent; -1 before. */
  caughtUpAt = -1;
  sentEvents = 0;

  constructor(context: LaneContext) {
    this.#context = context;
    this.#sender = new ValueSender(context);
  }

  /** Runs from the acknowledged offset until the stream is closed. */
  async run(): Promise<void> {
    const { store, watcher, paths, signal } = this.#context;
    if (this.#hasRun) await this.#indexAgain();
    this.#hasRun = true;
    const follower = new RunLogFollower(paths.events, {
      types: valueTypes,
      startAt: (writer) => store.acknowledged('values', writer),
    });
    try {
      // Of a clock that nobody sets: set back by an hour, the other would hold values back for as long.
      let lastSentMs = Number.NEGATIVE_INFINITY;
      let pending = new PendingValues();
      for (;;) {
        const generation = watcher.generation;
        const { entries, invalid, atEnd } = await follower.read({ final: watcher.isFinal });
        store.refuseInvalid('values', invalid);
        pending.passOver(invalid.length);
        if (entries.some(({ event }) => event.type === 'param')) await this.#learnServerParams();
        for (const entry of entries) pending.add(entry, this.#context.index);
        if (!atEnd && pending.eventCount < fullBatch) continue;
        if (pending.isEmpty) {
          store.advance('values', follower.offsets);
          this.caughtUpAt = generation;
          this.#context.progressed();
          await watcher.changed(generation, signal);
          continue;
        }
        const gatherForMs = lastSentMs + gatherMs - performance.now();
        if (pending.eventCount < fullBatch && gatherForMs > 0 && !watcher.isUrgent) {
          await watcher.pause(gatherForMs, signal);
          continue;
        }
        await this.#send(pending, follower.offsets);
        lastSentMs = performance.now();
        pending = new PendingValues();
      }
    } finally {
      await follower.close();
    }
  }

  async #send(pending: PendingValues, offsets: ReadonlyMap<string, number>): Promise<void> {
    const { store, checkpoint } = this.#context;
    checkpoint('values-read');
    await this.#sender.send(pending);
    checkpoint('values-sent');
    await store.acknowledge('values', offsets);
    this.sentEvents += pending.eventCount;
    this.#context.progressed();
    checkpoint('values-acknowledged');
  }

  /** What failed may have read values that were not sent: they are none that later ones build upon. */
  async #indexAgain(): Promise<void> {
    const { index, options, store } = this.#context;
    this.#knowsServerParams = false;
    index.forgetValues(options.knownParams);
    await indexRunLog(index, options.runDirectory, ({ writer, end }) => end <= store.acknowledged('values', writer));
  }

  /** Once, before the first param: an earlier stream of this run, or the program itself, may have logged some. */
  async #learnServerParams(): Promise<void> {
    if (this.#knowsServerParams) return;
    const { options, persistence, index, signal } = this.#context;
    const run = await persistence.keepTrying(
      () => options.client.getRun(options.mlflowRunId, singleCall(signal)),
      signal,
    );
    index.params.learn(run.data.params);
    this.#knowsServerParams = true;
  }
}
