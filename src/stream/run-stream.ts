import type { LogEntry } from '../runlog/index.ts';
import { type RunPaths, runPathsOf } from '../runs/index.ts';
import { sleep } from '../util/index.ts';
import { EventViewer } from './event-viewer.ts';
import { describeFailure } from './failure.ts';
import { FilesLane } from './files-lane.ts';
import type { LaneContext } from './lane-context.ts';
import { LogWatcher } from './log-watcher.ts';
import { makeFolder } from './make-folder.ts';
import { pendingBytes } from './pending-bytes.ts';
import { Persistence } from './persistence.ts';
import { indexRunLog, RunIndex } from './run-index.ts';
import { SyncStore } from './sync-store.ts';
import type { StreamOptions, StreamStatus } from './types.ts';
import { ValuesLane } from './values-lane.ts';
import { Wakeup } from './wakeup.ts';

/** Between a failure that should not be and the next attempt to go on. */
const restartMs = 1000;
/** So many refusals of a run are told one by one. */
const mostToldRefusals = 20;

/** What can fail, as it is named to people. */
const partNames = {
  opening: 'the run folder',
  watcher: 'the watcher',
  viewer: 'the viewer',
  values: 'the values',
  files: 'the files',
} as const;

interface Parts {
  readonly store: SyncStore;
  readonly viewer: EventViewer;
  readonly values: ValuesLane;
  readonly files: FilesLane;
}

/**
 * Carries one run folder's log to one MLflow run: every value once, whatever is killed when. Values go in a lane of
 * their own, beside the files. Where the server does not answer, everything waits in the run folder and is tried again
 * until the stream is closed; opened again, by any process, it goes on from what was acknowledged.
 */
export class RunStream {
  readonly #options: StreamOptions;
  readonly #paths: RunPaths;
  readonly #watcher: LogWatcher;
  readonly #persistence: Persistence;
  readonly #closing = new AbortController();
  readonly #progress = new Wakeup();
  readonly #tasks: Promise<void>[] = [];
  /** Failures of the stream itself, by the part that failed and has not got anywhere since. */
  readonly #failures = new Map<string, string>();
  #parts: Parts | null = null;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#paths = runPathsOf(options.runDirectory);
    this.#watcher = new LogWatcher(this.#paths.events);
    this.#persistence = new Persistence((text) => options.onWarning?.(text));
  }

  /** Begins to follow and to send. Returns at once; failures are retried and told by `status`. */
  start(): void {
    if (this.#tasks.length > 0) return;
    this.#tasks.push(this.#keepRunning(partNames.opening, () => this.#open()));
  }

  /** No writer is alive any more: from now on a last line without its newline counts. */
  programEnded(): void {
    this.#watcher.isFinal = true;
    this.#watcher.notify();
  }

  /**
   * Resolves when everything written so far is on the server, or refused for good; after `programEnded` that is all
   * there is. Waits for as long as the server is away. Where the signal is aborted first, `pendingBytes` of what it
   * answers tells how much is left. Rejects where the stream is closed meanwhile.
   */
  async drain(options: { readonly signal?: AbortSignal } = {}): Promise<StreamStatus> {
    this.start();
    const { signal } = options;
    const closed = this.#closing.signal;
    this.#watcher.isUrgent = true;
    this.#watcher.notify();
    const generation = this.#watcher.generation;
    try {
      const either = signal === undefined ? closed : AbortSignal.any([closed, signal]);
      await this.#progress.until(() => this.#hasCaughtUp(generation), either);
    } catch (error) {
      if (closed.aborted || signal?.aborted !== true) throw error;
    } finally {
      this.#watcher.isUrgent = false;
    }
    await this.#parts?.store.save();
    return this.status();
  }

  /** Stops at once; what was not acknowledged is sent when a stream is opened again. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('The stream was closed.'));
    // The first task adds the others.
    for (const task of this.#tasks) await task;
    await this.#parts?.store.save();
  }

  status(): StreamStatus {
    const parts = this.#parts;
    return {
      pendingBytes: pendingBytes(this.#paths.events, parts?.store ?? null),
      sentEvents: parts === null ? 0 : parts.values.sentEvents + parts.files.sentEvents,
      lastError: this.#persistence.lastError ?? [...this.#failures.values()].at(-1) ?? null,
      refused: parts?.store.refused ?? [],
      refusedCount: parts?.store.refusedCount ?? 0,
    };
  }

  async #open(): Promise<void> {
    const warn = (text: string): void => this.#options.onWarning?.(text);
    await makeFolder(this.#paths.events);
    const store = await SyncStore.open(this.#paths.sync, warn);
    const index = new RunIndex(this.#options.knownParams);
    if (store.isResumed) {
      await indexRunLog(
        index,
        this.#options.runDirectory,
        ({ writer, end }) => end <= store.acknowledged('values', writer),
      );
    }
    const contextOf = (part: string): LaneContext => ({
      options: this.#options,
      paths: this.#paths,
      store,
      index,
      watcher: this.#watcher,
      persistence: this.#persistence,
      signal: this.#closing.signal,
      checkpoint: (name) => this.#options.onCheckpoint?.(name),
      progressed: () => {
        this.#failures.delete(part);
        this.#progress.notify();
      },
      warn,
      refuse: (entry, reason) => this.#refuse(store, entry, reason),
    });
    const valuesBefore = (writer: string, offset: number) =>
      this.#progress.until(() => store.acknowledged('values', writer) >= offset, this.#closing.signal);
    const viewer = new EventViewer(contextOf(partNames.viewer));
    const values = new ValuesLane(contextOf(partNames.values));
    const files = new FilesLane(contextOf(partNames.files), valuesBefore);
    this.#parts = { store, viewer, values, files };
    this.#failures.delete(partNames.opening);
    const looked = (): void => void this.#failures.delete(partNames.watcher);
    this.#tasks.push(
      this.#keepRunning(partNames.watcher, () => this.#watcher.run(this.#closing.signal, looked)),
      this.#keepRunning(partNames.viewer, () => viewer.run()),
      this.#keepRunning(partNames.values, () => values.run()),
      this.#keepRunning(partNames.files, () => files.run()),
    );
  }

  /** A part that fails for a reason nobody foresaw is told of and started again: it must not silently carry nothing. */
  async #keepRunning(name: string, part: () => Promise<void>): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await part();
        return;
      } catch (error) {
        if (signal.aborted) return;
        const text = `Carrying ${name} to the tracking server failed: ${describeFailure(error)}`;
        if (this.#failures.get(name) !== text) this.#options.onWarning?.(text);
        this.#failures.set(name, text);
        await sleep(restartMs, { signal }).catch(() => undefined);
      }
    }
  }

  async #refuse(store: SyncStore, entry: LogEntry, reason: unknown): Promise<void> {
    const text = typeof reason === 'string' ? reason : describeFailure(reason);
    const told = store.refuse(entry, text);
    this.#options.onCheckpoint?.('value-refused');
    if (told === null) return;
    const { refusedCount } = store;
    if (refusedCount <= mostToldRefusals) this.#options.onWarning?.(`Refused for good: ${told}`);
    if (refusedCount !== mostToldRefusals) return;
    this.#options.onWarning?.(`What else is refused is not told here: what and why is kept in ${this.#paths.sync}`);
  }

  #hasCaughtUp(generation: number): boolean {
    const parts = this.#parts;
    if (parts === null) return false;
    return [parts.viewer, parts.values, parts.files].every(({ caughtUpAt }) => caughtUpAt >= generation);
  }
}
