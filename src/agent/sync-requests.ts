import { waitAtMost } from '../util/sleep.ts';
import type { SyncRequest } from './control-socket.ts';

/** What an agent tells whoever has asked it to send its run. */
export type SyncReply =
  /** How far it is; `lastError` is what keeps it from going on, or null. */
  | {
      readonly type: 'progress';
      readonly sentEvents: number;
      readonly pendingBytes: number;
      readonly lastError: string | null;
    }
  /** Everything is there, and the run with its end; or all of it so far, and the rest follows while it runs. */
  | { readonly type: 'sent'; readonly isRunning: boolean; readonly url: string | null }
  | { readonly type: 'failed'; readonly message: string; readonly hint: string | null; readonly exitCode: number };

/** @param gone Aborted when the one who asked has left: the wish stays, and nobody waits for an answer. */
export type SyncListener = (request: SyncRequest, reply: (answer: SyncReply) => void, gone: AbortSignal) => void;

/** Collects who wants a run sent, until there is somebody who can answer. */
export class SyncRequests {
  readonly #early: Parameters<SyncListener>[] = [];
  #listener: SyncListener | null = null;
  #arrive = (): void => {};
  readonly #first = new Promise<void>((resolve) => {
    this.#arrive = resolve;
  });

  request(...request: Parameters<SyncListener>): void {
    this.#arrive();
    if (this.#listener === null) this.#early.push(request);
    else this.#listener(...request);
  }

  /** Resolves when the first has come, or after so long. */
  arrived(patienceMs: number): Promise<void> {
    return waitAtMost(this.#first, patienceMs);
  }

  /** Calls the listener for what was asked already and for all that follows. */
  listen(listener: SyncListener): void {
    this.#listener = listener;
    for (const request of this.#early.splice(0)) listener(...request);
  }
}
