import { appendFileSync, closeSync, readFileSync } from 'node:fs';
import { CannotWriteError, errorCode } from '../errors.ts';
import { parseLaunchEvent } from '../event-schema.ts';
import { type LaunchEvent, type LaunchEventBody, launchEventLine } from '../events.ts';
import { maskSecrets, maskSecretsIn, openForAppend, openForReading } from '../util/index.ts';

/**
 * Appends what happens in a run to `<run>/logs/agent.log`, one JSON object a line: what every watcher reads. The secrets
 * it is given never get there, whatever text repeats them: a build's output, another program's error, a stack.
 */
export class Journal {
  readonly #file: string;
  readonly #secrets: readonly string[];
  /** Kept open: what a program puts in the file's place later does not reach the agent that is at work. */
  #descriptor: number | null = null;
  #isBroken = false;

  constructor(file: string, secrets: readonly string[] = []) {
    this.#file = file;
    this.#secrets = secrets;
  }

  emit(event: LaunchEventBody): void {
    const { type } = event;
    this.#append(
      `${launchEventLine({ timeMs: Date.now(), ...maskSecretsIn(event, this.#secrets), type } as LaunchEvent)}\n`,
    );
  }

  /** Keeps the stack of an error that is our own fault, for whoever mends it. */
  defect(error: unknown): void {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#append(`${maskSecrets(stack, this.#secrets)}\n`);
  }

  /** Runs one step between its start and its end; `reused` of the result says that nothing had to be done. */
  async step<Result>(
    id: string,
    title: string,
    work: (progress: (text: string, line?: string) => void) => Promise<Result>,
    describe?: (result: Result) => { title?: string; reused?: boolean },
  ): Promise<Result> {
    const startedMs = performance.now();
    this.emit({ type: 'step-started', id, title });
    try {
      const result = await work((text, line) =>
        this.emit({ type: 'step-progress', id, text, ...(line === undefined || line === text ? {} : { line }) }),
      );
      this.emit({
        type: 'step-finished',
        id,
        title,
        durationMs: Math.round(performance.now() - startedMs),
        ...describe?.(result),
      });
      return result;
    } catch (error) {
      this.emit({ type: 'step-failed', id, title, durationMs: Math.round(performance.now() - startedMs) });
      throw error;
    }
  }

  /** A journal that cannot be written (a full disk, a folder that is gone) ends no run: it is only not watched any more. */
  #append(text: string): void {
    try {
      this.#descriptor ??= openForAppend(this.#file);
      appendFileSync(this.#descriptor, text);
      this.#isBroken = false;
    } catch (error) {
      if (!(error instanceof CannotWriteError) && errorCode(error) === undefined) throw error;
      this.#isBroken = true;
    }
  }

  /** Whether the last event could not be written: nobody who watches has heard of it. */
  get isBroken(): boolean {
    return this.#isBroken;
  }
}

/** What the journal of a run tells, from its beginning. */
export function readJournal(file: string): LaunchEvent[] {
  const descriptor = openForReading(file);
  if (descriptor === null) return [];
  try {
    const lines = readFileSync(descriptor, 'utf8').split('\n');
    return lines.map(parseLaunchEvent).filter((event) => event !== null);
  } finally {
    closeSync(descriptor);
  }
}
