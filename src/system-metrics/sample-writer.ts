import { existsSync } from 'node:fs';
import { CannotWriteError } from '../errors.ts';
import { RunLogAppender, runLogEventsDirectory } from '../runlog/index.ts';
import { systemWriter } from './last-sample.ts';

/** Puts samples on the run log, whole, with the next step each. What cannot be written (a full disk) is given up. */
export class SampleWriter {
  readonly #runDirectory: string;
  readonly #onProblem: (text: string) => void;
  #nextStep: number;
  #log: RunLogAppender | null = null;
  #isTold = false;

  constructor(runDirectory: string, nextStep: number, onProblem: (text: string) => void) {
    this.#runDirectory = runDirectory;
    this.#nextStep = nextStep;
    this.#onProblem = onProblem;
  }

  write(metrics: ReadonlyMap<string, number>, timeMs: number): void {
    if (metrics.size === 0) return;
    try {
      if (this.#log === null) {
        // A run folder that somebody has removed is not made again.
        if (!existsSync(runLogEventsDirectory(this.#runDirectory))) return;
        this.#log = RunLogAppender.open(this.#runDirectory, systemWriter);
      }
      const step = this.#nextStep;
      this.#nextStep += 1;
      for (const [key, value] of metrics) this.#log.metric(key, value, step, { timeMs });
      this.#log.flush();
    } catch (error) {
      if (!(error instanceof CannotWriteError)) throw error;
      // What was not written would be kept for the next try, and grow: it is dropped with the file.
      this.close();
      if (!this.#isTold) this.#onProblem(error.message);
      this.#isTold = true;
    }
  }

  close(): void {
    try {
      this.#log?.close();
    } catch (error) {
      if (!(error instanceof CannotWriteError)) throw error;
    } finally {
      this.#log = null;
    }
  }
}
