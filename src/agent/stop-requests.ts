import type { RunRecord } from '../runs/run-state.ts';
import type { ControlRequest } from './control-socket.ts';

/** What the record of a run holds of a stop. */
export type RecordedStop = Pick<RunRecord, 'stopRequested' | 'stopSignal' | 'stopBy' | 'stopGraceMs'>;

/** Hears how a run is to be stopped; a polite wish comes again where somebody gives it another time. */
export type StopListener = (how: 'polite' | 'force') => void;

/** Collects what people ask of a run: first politely, then by force. What was asked once is never taken back. */
export class StopRequests {
  readonly #abort = new AbortController();
  #recorded: RecordedStop;
  #ended = false;
  #listener: StopListener | null = null;

  /** @param recorded What was asked of the agent before this one. */
  constructor({
    stopRequested = null,
    stopSignal = null,
    stopBy = null,
    stopGraceMs = null,
  }: Partial<RecordedStop> = {}) {
    this.#recorded = { stopRequested, stopSignal, stopBy, stopGraceMs };
    if (this.how !== null) this.#abort.abort(new StopRequested());
  }

  get how(): 'polite' | 'force' | null {
    return this.#recorded.stopRequested;
  }

  /** As the record of the run is to hold it. */
  get recorded(): RecordedStop {
    return this.#recorded;
  }

  /** The time between the polite stop and the forced one that was asked for; null for the plan's. */
  get graceMs(): number | null {
    return this.#recorded.stopGraceMs;
  }

  /** Aborted by the first request: for work that comes before the program runs. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Who asks first is who stopped the run; force comes once, and another time for the polite wish counts. */
  request({ how, signal, by, graceMs }: ControlRequest): void {
    const before = this.#recorded;
    if (this.#ended || this.how === 'force' || (this.how === how && graceMs === undefined)) return;
    const isFirst = before.stopRequested === null;
    this.#recorded = {
      stopRequested: how,
      stopSignal: isFirst ? signal : before.stopSignal,
      stopBy: isFirst ? (by ?? null) : before.stopBy,
      stopGraceMs: graceMs ?? before.stopGraceMs,
    };
    this.#abort.abort(new StopRequested());
    this.#listener?.(how);
  }

  /** From now on nothing is heard: the program has ended. */
  end(): void {
    this.#ended = true;
    this.#listener = null;
  }

  /** Calls the listener for what was asked already and for all that follows. */
  listen(listener: StopListener): void {
    this.#listener = listener;
    if (this.how !== null) listener(this.how);
  }
}

/** How a run ended that somebody stopped, as a sentence without its full stop. */
export function stopReason({ stopBy }: Pick<RecordedStop, 'stopBy'>): string {
  return `it was stopped ${stopBy ?? 'on request'}`;
}

/** Why work before the program's start was given up: someone asked. */
export class StopRequested extends Error {
  constructor() {
    super('the run was stopped');
    this.name = 'StopRequested';
  }
}
