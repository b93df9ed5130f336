import type { RunResult } from '../events.ts';

/** A program's last words are among its last lines. */
const keptLines = 50;

/**
 * What has been told of a failure before its result: nobody should read the same sentence twice in one place. It may have
 * been told as a failure, or by the program itself, whose last words are a part of the reason.
 */
export class ToldReason {
  #failure = '';
  readonly #lines: string[] = [];

  addFailure(message: string): void {
    this.#failure = message;
  }

  addLine(line: string): void {
    this.#lines.push(line.trim());
    if (this.#lines.length > keptLines) this.#lines.shift();
  }

  /** What is left to say of the reason; null for nothing. */
  rest({ reason }: RunResult): string | null {
    if (reason === null || reason === this.#failure) return null;
    // `the program exited with code 3: what it said`
    const [, told = '', words = ''] = /^([^:]*): (.*)$/s.exec(reason) ?? [];
    return words !== '' && this.#lines.includes(words.trim()) ? told : reason;
  }
}
