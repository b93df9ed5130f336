import { type FSWatcher, watch } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../errors.ts';
import { listWriters, writerFileName } from '../runlog/writers.ts';
import { sleep } from '../util/index.ts';
import { Wakeup } from './wakeup.ts';

const pollMs = 100;

/**
 * Tells when a run log has grown: by the kernel's notification where there is one, and by looking at the files' sizes
 * every 100 ms, because a network file system and a full inotify table tell nothing.
 */
export class LogWatcher {
  readonly #directory: string;
  readonly #wakeup = new Wakeup();
  #watcher: FSWatcher | null = null;
  #generation = 0;
  #sizes = '';
  /** True once no writer is alive any more: a last line without its newline counts. */
  isFinal = false;
  /** True while someone waits for everything to arrive: nothing is held back to fill a batch. */
  isUrgent = false;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Grows with every change. Take it before reading; wait for it to grow after everything was read. */
  get generation(): number {
    return this.#generation;
  }

  /** Watches until the signal is aborted. @param looked Told whenever the sizes could be seen. */
  async run(signal: AbortSignal, looked: () => void = () => {}): Promise<void> {
    this.#watch();
    try {
      while (!signal.aborted) {
        const sizes = await this.#currentSizes();
        looked();
        if (sizes !== this.#sizes) this.notify();
        this.#sizes = sizes;
        await sleep(pollMs, { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#watcher?.close();
      this.#watcher = null;
    }
  }

  /** Wakes everyone that waits. */
  notify(): void {
    this.#generation += 1;
    this.#wakeup.notify();
  }

  /** Resolves when there is something newer than `generation`; rejects with the signal's reason. */
  changed(generation: number, signal: AbortSignal): Promise<void> {
    return this.#wakeup.until(() => this.#generation > generation, signal);
  }

  /** Waits so long, or until everything is wanted at once. */
  async pause(durationMs: number, signal: AbortSignal): Promise<void> {
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      this.#wakeup.notify();
    }, durationMs);
    try {
      await this.#wakeup.until(() => isOver || this.isUrgent, signal);
    } finally {
      clearTimeout(timer);
    }
  }

  #watch(): void {
    try {
      this.#watcher = watch(this.#directory, { persistent: false }, () => this.notify());
      this.#watcher.on('error', () => {
        this.#watcher?.close();
        this.#watcher = null;
      });
    } catch (error) {
      // No notification to be had (ENOSPC: all watches are taken): the polling alone does it.
      if (errorCode(error) === undefined) throw error;
    }
  }

  async #currentSizes(): Promise<string> {
    const sizes: string[] = [];
    for (const writer of await listWriters(this.#directory)) {
      const { size } = await lstat(join(this.#directory, writerFileName(writer)));
      sizes.push(`${writer} ${size}`);
    }
    return sizes.join('\n');
  }
}
