import { RunLogFollower } from '../runlog/index.ts';
import type { LaneContext } from './lane-context.ts';

/** So many lines are told of: a program may write a million that hold nothing. */
const mostTold = 20;

/** Shows every event as soon as it is read, whatever the server does, and tells of lines that hold none. */
export class EventViewer {
  readonly #context: LaneContext;
  /** The watcher's generation at which everything had been shown; -1 before. */
  caughtUpAt = -1;
  #toldCount = 0;

  constructor(context: LaneContext) {
    this.#context = context;
  }

  /** Runs from where the values had been acknowledged when the stream was opened, until it is closed. */
  async run(): Promise<void> {
    const { store, watcher, paths, options, signal } = this.#context;
    const follower = new RunLogFollower(paths.events, {
      startAt: (writer) => store.acknowledged('values', writer),
      onWarning: (text) => this.#warn(text),
    });
    try {
      for (;;) {
        const generation = watcher.generation;
        const { entries, atEnd } = await follower.read({ final: watcher.isFinal });
        for (const { event, writer } of entries) options.onEvent?.(event, writer);
        if (!atEnd) continue;
        this.caughtUpAt = generation;
        this.#context.progressed();
        await watcher.changed(generation, signal);
      }
    } finally {
      await follower.close();
    }
  }

  #warn(text: string): void {
    this.#toldCount += 1;
    if (this.#toldCount <= mostTold) this.#context.warn(text);
    if (this.#toldCount === mostTold) this.#context.warn('What else in the run log holds no event is not told here.');
  }
}
