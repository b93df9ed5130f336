import { appendFileSync } from 'node:fs';
import type { LaunchEventBody } from '../events.ts';

/** Appends what happens in a run to `<run>/logs/agent.log`, one JSON object a line: what every watcher reads. */
export class Journal {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  emit(event: LaunchEventBody): void {
    appendFileSync(this.#file, `${JSON.stringify({ timeMs: Date.now(), ...event })}\n`);
  }

  /** Keeps the stack of an error that is our own fault, for whoever mends it. */
  defect(error: unknown): void {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    appendFileSync(this.#file, `${stack}\n`);
  }

  /** Runs one step between its start and its end; `reused` of the result says that nothing had to be done. */
  async step<Result>(
    id: string,
    title: string,
    work: (progress: (text: string) => void) => Promise<Result>,
    describe?: (result: Result) => { title?: string; reused?: boolean },
  ): Promise<Result> {
    const startedMs = Date.now();
    this.emit({ type: 'step-started', id, title });
    try {
      const result = await work((text) => this.emit({ type: 'step-progress', id, text }));
      this.emit({
        type: 'step-finished',
        id,
        title,
        durationMs: Date.now() - startedMs,
        ...describe?.(result),
      });
      return result;
    } catch (error) {
      this.emit({ type: 'step-failed', id, title, durationMs: Date.now() - startedMs });
      throw error;
    }
  }
}
