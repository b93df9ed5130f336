import type { RunResult } from '../events.ts';

/**
 * What has been told of a failure before its result: nobody should read the same sentence twice in one place. The last
 * words of a program are repeated: they stand somewhere among its output, and the reason would be no more than a number.
 */
export class ToldReason {
  #failure = '';

  addFailure(message: string): void {
    this.#failure = message;
  }

  /** What is left to say of the reason; null for nothing. */
  rest({ reason }: RunResult): string | null {
    return reason === this.#failure ? null : reason;
  }
}
