import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseLaunchEvent } from '../event-schema.ts';
import type { LaunchEvent } from '../events.ts';
import { listWritersSync, runLogEvent, writerFileName } from '../runlog/index.ts';
import { outputStreams } from '../runs/output-log.ts';
import type { RunState } from '../runs/state.ts';
import { isSystemMetric } from '../util/system-metric.ts';
import { FileTail } from './file-tail.ts';
import { OutputTail } from './output-tail.ts';
import type { PastCut } from './recent-history.ts';

/** Whose values are all of the machine. */
const systemWriter = 'system';

/** All files of a run that tell what happens, read together. */
export class RunTails {
  readonly #agent: FileTail;
  readonly #output: readonly OutputTail[];
  readonly #eventsFolder: string;
  readonly #writers = new Map<string, FileTail>();
  #hasStarted = false;
  readonly #starts: Readonly<Record<string, number>>;
  /** Undefined once the past was read, or where there is none. */
  #mostPastBytes: number | undefined;

  /**
   * @param starts Bytes of each file that are passed over, by its path in the run folder.
   * @param hidden A line of the output that is not shown.
   * @param mostPastBytes So much is read, from the end, of what is there already of each file of the run log; of the output
   *   no more than is read at once.
   */
  constructor(
    runDirectory: string,
    starts: Readonly<Record<string, number>> = {},
    hidden: string | null = null,
    mostPastBytes?: number,
  ) {
    this.#starts = starts;
    this.#mostPastBytes = mostPastBytes;
    const logs = join(runDirectory, 'logs');
    this.#eventsFolder = join(runDirectory, 'events');
    mkdirSync(logs, { recursive: true });
    mkdirSync(this.#eventsFolder, { recursive: true });
    this.#agent = new FileTail(join(logs, 'agent.log'), starts['logs/agent.log']);
    this.#output = outputStreams.map((stream) => new OutputTail(runDirectory, stream, starts, hidden));
  }

  /**
   * What is new. A program may write before its agent has told that it is started: that is given after it. The result,
   * which the agent tells last, is given last: all it sums up has been read by then.
   */
  read(): LaunchEvent[] {
    const told = this.#agent
      .read()
      .map(parseLaunchEvent)
      .filter((event) => event !== null);
    const result = told.filter((event) => event.type === 'result');
    this.#hasStarted ||= told.some((event) => event.type === 'result' || isAfterStart(event));
    if (!this.#hasStarted) {
      this.#mostPastBytes = undefined;
      return told;
    }
    if (this.#mostPastBytes !== undefined) for (const tail of this.#output) tail.cutPast();
    const timed = [...told.filter((event) => event.type !== 'result'), ...this.#readWriters()];
    this.#mostPastBytes = undefined;
    timed.sort((first, second) => first.timeMs - second.timeMs);
    const start = timed.findLastIndex((event) => event.type === 'state' && event.state === 'running') + 1;
    const after = [
      ...timed.slice(start).map((event) => ({ event, orderMs: event.timeMs })),
      ...this.#output.flatMap((tail) => (result.length > 0 ? tail.readAll() : tail.read())),
    ];
    after.sort((first, second) => first.orderMs - second.orderMs);
    return [...timed.slice(0, start), ...after.map(({ event }) => event), ...result];
  }

  /** What of the past was longer than what is read of it; the machine's own measures, which are not shown, are none of it. */
  get pastCut(): PastCut {
    return {
      output: this.#output.some((tail) => tail.isPastCut),
      metrics: [...this.#writers].some(([writer, tail]) => writer !== systemWriter && tail.isPastCut),
    };
  }

  #readWriters(): LaunchEvent[] {
    for (const writer of listWritersSync(this.#eventsFolder)) {
      if (this.#writers.has(writer)) continue;
      const name = writerFileName(writer);
      const file = join(this.#eventsFolder, name);
      this.#writers.set(writer, new FileTail(file, this.#starts[`events/${name}`], this.#mostPastBytes));
    }
    return [...this.#writers.values()].flatMap((tail) => tail.read().flatMap(shownEvent));
  }
}

/** A state in which the program has been told to be running, or in which it will never be. */
const statesAfterStart: ReadonlySet<RunState> = new Set([
  ...(['running', 'stopping', 'draining', 'finished', 'failed', 'killed'] as const),
]);

function isAfterStart(event: LaunchEvent): boolean {
  return event.type === 'state' && statesAfterStart.has(event.state);
}

/** The events of the run log that are shown: values and progress. A line that is none is the stream's to judge. */
function shownEvent(line: string): LaunchEvent[] {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return [];
  }
  const parsed = runLogEvent.safeParse(value);
  if (!parsed.success) return [];
  const event = parsed.data;
  if (event.type === 'metric' && isSystemMetric(event.key)) return [];
  if (event.type === 'metric') {
    return [{ timeMs: event.time_ms, type: 'metric', key: event.key, value: Number(event.value), step: event.step }];
  }
  if (event.type === 'progress') {
    const { stage, done, total, unit } = event;
    return [{ timeMs: event.time_ms, type: 'progress', stage, done, total, unit }];
  }
  return [];
}
