/** How often something may be drawn. */
export interface PaceOptions {
  /** Between two drawings lies at least this many times what the last one took: 40 is a fortieth of the time. */
  readonly restFactor: number;
  /** And at least so long: the tracking server gets each drawing. */
  readonly leastRestMs: number;
  /** Milliseconds; a clock that never goes back by default. */
  readonly now?: () => number;
}

/** Says when a picture that changes may be drawn again, so that a training never waits for its pictures. */
export class DrawingPace {
  readonly #restFactor: number;
  readonly #leastRestMs: number;
  readonly #now: () => number;
  #restUntilMs = Number.NEGATIVE_INFINITY;
  /** What all drawings took together. */
  totalMs = 0;

  constructor({ restFactor, leastRestMs, now = () => performance.now() }: PaceOptions) {
    this.#restFactor = restFactor;
    this.#leastRestMs = leastRestMs;
    this.#now = now;
  }

  isDue(): boolean {
    return this.#now() >= this.#restUntilMs;
  }

  /** Draws, due or not, and counts the time. */
  async draw(work: () => Promise<void>): Promise<void> {
    const startedAtMs = this.#now();
    try {
      await work();
    } finally {
      const endedAtMs = this.#now();
      const tookMs = endedAtMs - startedAtMs;
      this.totalMs += tookMs;
      this.#restUntilMs = endedAtMs + Math.max(this.#leastRestMs, this.#restFactor * tookMs);
    }
  }
}
