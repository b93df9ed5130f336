/**
 * Between two drawings lies at least this many times what the last one took. With the first and the last drawing, which
 * come in any case, all take less than a twentieth of a training of a minute while one takes less than 0.7 seconds.
 */
const restFactor = 40;

/** Says when a picture that changes may be drawn again, so that a training never waits for its pictures. */
export class DrawingPace {
  readonly #leastRestMs: number;
  readonly #now: () => number;
  #restUntilMs = Number.NEGATIVE_INFINITY;
  /** What all drawings took together. */
  totalMs = 0;

  /** `leastRestMs` spares the tracking server, which gets each drawing. */
  constructor(leastRestMs: number, now: () => number = () => performance.now()) {
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
      this.#restUntilMs = endedAtMs + Math.max(this.#leastRestMs, restFactor * tookMs);
    }
  }
}
