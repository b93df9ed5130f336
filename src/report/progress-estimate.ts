import type { LaunchEvent } from '../events.ts';

export type ProgressEvent = Extract<LaunchEvent, { type: 'progress' }>;

/** How far a stage is, and when it will be done at the pace it has had since it began. */
export class ProgressEstimate {
  #first: ProgressEvent | undefined;
  #last: ProgressEvent | undefined;

  get current(): ProgressEvent | undefined {
    return this.#last;
  }

  /** Takes a new state; another stage, or one that starts over, is measured afresh. */
  update(event: ProgressEvent): void {
    const startsOver =
      this.#last === undefined ||
      event.stage !== this.#last.stage ||
      event.total !== this.#last.total ||
      event.done < this.#last.done;
    if (startsOver) this.#first = event;
    this.#last = event;
  }

  clear(): void {
    this.#first = undefined;
    this.#last = undefined;
  }

  /** From 0 to 1; undefined where the total is unknown. */
  get fraction(): number | undefined {
    if (this.#last === undefined || this.#last.total <= 0) return undefined;
    return Math.min(1, Math.max(0, this.#last.done / this.#last.total));
  }

  /** Undefined until there is a pace to judge by. */
  get remainingMs(): number | undefined {
    const [first, last] = [this.#first, this.#last];
    if (first === undefined || last === undefined || last.total <= 0) return undefined;
    const done = last.done - first.done;
    const elapsedMs = last.timeMs - first.timeMs;
    if (done <= 0 || elapsedMs <= 0) return undefined;
    return (Math.max(0, last.total - last.done) / done) * elapsedMs;
  }
}
