import type { ControlRequest } from './control-socket.ts';

/** Collects what people ask of a run: first politely, then by force. What was asked once is never taken back. */
export class StopRequests {
  readonly #abort = new AbortController();
  #how: 'polite' | 'force' | null;
  #signal: string | null;
  #ended = false;
  #listener: ((how: 'polite' | 'force') => void) | null = null;

  constructor(recorded: { how: 'polite' | 'force' | null; signal: string | null }) {
    this.#how = recorded.how;
    this.#signal = recorded.signal;
    if (this.#how !== null) this.#abort.abort(new StopRequested());
  }

  get how(): 'polite' | 'force' | null {
    return this.#how;
  }

  /** The signal the launcher got, or null: `SIGINT` makes it exit with 130, `SIGTERM` with 143. */
  get signalName(): string | null {
    return this.#signal;
  }

  /** Aborted by the first request: for work that comes before the program runs. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  request(request: ControlRequest): void {
    if (this.#ended || this.#how === 'force' || this.#how === request.how) return;
    this.#how = request.how;
    this.#signal ??= request.signal;
    this.#abort.abort(new StopRequested());
    this.#listener?.(request.how);
  }

  /** From now on nothing is heard: the program has ended. */
  end(): void {
    this.#ended = true;
    this.#listener = null;
  }

  /** Calls the listener for what was asked already and for all that follows. */
  listen(listener: (how: 'polite' | 'force') => void): void {
    this.#listener = listener;
    if (this.#how !== null) listener(this.#how);
  }
}

/** Why work before the program's start was given up: someone asked. */
export class StopRequested extends Error {
  constructor() {
    super('the run was stopped');
    this.name = 'StopRequested';
  }
}
