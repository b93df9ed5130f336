import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { errorCode, errorMessage } from '../errors.ts';
import { RunLogAppender, readRunLog } from '../runlog/index.ts';
import { outputParts, outputStreams } from '../runs/output-log.ts';
import type { RunContext } from './run-context.ts';

const writer = 'agent';
/** Between two looks at what has grown: a part is carried anew as a whole. */
const usualIntervalMs = 60_000;
/** The first ones: somebody may be waiting for the first lines. */
const firstIntervalsMs = [5_000, 10_000, ...new Array<number>(7).fill(15_000)];

/**
 * Tells the run log which parts of the output are to be carried to the server: at intervals while the program runs, and
 * once more when all is kept. A part that another follows does not change any more and is told once.
 */
export class OutputAnnouncer {
  readonly #run: RunContext;
  /** Bytes of each part when it was told, by its path in the run folder; of an earlier agent's it is not known: -1. */
  #told: Map<string, number> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #looks = 0;

  constructor(run: RunContext) {
    this.#run = run;
  }

  /** Looks at intervals until `stop`. */
  start(): void {
    const intervalMs = firstIntervalsMs[this.#looks] ?? usualIntervalMs;
    this.#timer = setTimeout(() => {
      this.#looks += 1;
      void this.announce()
        .catch((error: unknown) =>
          this.#run.emit({ type: 'debug', text: `No output was told of: ${errorMessage(error)}` }),
        )
        .then(() => {
          if (this.#timer !== undefined) this.start();
        });
    }, intervalMs);
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Tells of what has grown. */
  async announce(): Promise<void> {
    this.#told ??= await this.#toldBefore();
    const told = this.#told;
    const grown = outputStreams.flatMap((stream) => {
      const paths = outputParts(this.#run.paths.logs, stream).map((path) => `logs/${basename(path)}`);
      const last = paths.findLastIndex((path) => told.has(path));
      // The last one that was told of may have grown since; those before it were whole by then.
      return paths.slice(Math.max(0, last)).flatMap((path) => {
        const size = this.#sizeOf(path);
        return size === 0 || size === told.get(path) ? [] : [{ path, size }];
      });
    });
    if (grown.length === 0) return;
    const log = RunLogAppender.open(this.#run.paths.directory, writer);
    try {
      for (const { path } of grown) log.artifact(path, 'logs');
    } finally {
      log.close();
    }
    for (const { path, size } of grown) told.set(path, size);
  }

  #sizeOf(path: string): number {
    try {
      return statSync(join(this.#run.paths.directory, path)).size;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return 0;
      throw error;
    }
  }

  async #toldBefore(): Promise<Map<string, number>> {
    const told = new Map<string, number>();
    const startAt = (name: string): number => (name === writer ? 0 : Number.MAX_SAFE_INTEGER);
    for await (const { event } of readRunLog(this.#run.paths.directory, {
      types: new Set(['artifact'] as const),
      startAt,
    })) {
      if (event.type === 'artifact' && event.to === 'logs') told.set(event.path, -1);
    }
    return told;
  }
}
