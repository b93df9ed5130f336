import type { ProgressEvent } from './progress-estimate.ts';

const firstStepLineMs = 2000;
const betweenLinesMs = 10_000;
const longestSilenceMs = 60_000;
const longestStepSilenceMs = 30_000;

/** Decides which news of a long step or stage are worth a line in a log file. Times are those of the events. */
export class PlainPace {
  readonly #nextStepLineMs = new Map<string, number>();
  #stage = '';
  #lastProgressMs = 0;
  #lastQuarter = 0;

  start(step: string, timeMs: number): void {
    this.#nextStepLineMs.set(step, timeMs + firstStepLineMs);
  }

  /** A step says something after two seconds, then every ten. */
  allowStep(step: string, timeMs: number): boolean {
    if (timeMs < (this.#nextStepLineMs.get(step) ?? 0)) return false;
    this.#nextStepLineMs.set(step, timeMs + betweenLinesMs);
    return true;
  }

  end(step: string): void {
    this.#nextStepLineMs.delete(step);
  }

  /** Steps that have said nothing for half a minute: each shows that it is alive, and then again. */
  silentSteps(nowMs: number): string[] {
    const silent = [...this.#nextStepLineMs].filter(([, nextMs]) => nowMs >= nextMs + longestStepSilenceMs);
    for (const [step] of silent) this.#nextStepLineMs.set(step, nowMs);
    return silent.map(([step]) => step);
  }

  /** A stage says something at each quarter, but not within ten seconds, and at the latest after a minute. */
  allowProgress(event: ProgressEvent, fraction: number | undefined): boolean {
    const quarter = Math.floor((fraction ?? 0) * 4);
    if (event.stage !== this.#stage || quarter < this.#lastQuarter) {
      this.#stage = event.stage;
      this.#lastProgressMs = event.timeMs;
      this.#lastQuarter = quarter;
      return false;
    }
    const silenceMs = event.timeMs - this.#lastProgressMs;
    const allowed = silenceMs >= longestSilenceMs || (silenceMs >= betweenLinesMs && quarter > this.#lastQuarter);
    if (allowed) {
      this.#lastProgressMs = event.timeMs;
      this.#lastQuarter = quarter;
    }
    return allowed;
  }
}
