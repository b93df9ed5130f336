import { mkdirSync, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { agentExitHeld, type StandbyAgent, sendControlRequest, spawnAgent, watchAgent } from '../agent/index.ts';
import { ExitCode, errorMessage, SlipwayError } from '../errors.ts';
import type { EventSink, LaunchEvent, LaunchEventBody, RunResult } from '../events.ts';
import { runLogEvent } from '../runlog/index.ts';
import { FileTail } from './file-tail.ts';

const pollMs = 100;
const longestAgentRestarts = 3;

export interface WatchOptions {
  readonly runDirectory: string;
  readonly sink: EventSink;
  /** Aborted by the first signal; its reason is the signal's name. Asks the agent to stop the run. */
  readonly politeStop: AbortSignal;
  /** Aborted by the second signal: the run is stopped by force. */
  readonly forcedStop: AbortSignal;
  /**
   * True where the run was launched earlier: results told before, or while values were still on their way, are then
   * passed over, until all of the run is on the server.
   */
  readonly again?: boolean;
  /** The run's first agent, where it was started before the run was planned. */
  readonly standby?: StandbyAgent;
}

/**
 * Shows a run from its first event until its result is told. It only watches: the run goes on without it. Where the
 * agent dies before the end, another is started, which takes the run over.
 */
export function watchRun(options: WatchOptions): Promise<RunResult> {
  const { runDirectory, sink } = options;
  const emit = (body: LaunchEventBody): void => sink({ timeMs: Date.now(), ...body });
  const tails = new RunTails(runDirectory);
  return new Promise((resolve, reject) => {
    let restarts = 0;
    let ended = false;
    let readingThePast = true;
    let release = (): void => {};

    const finish = (settle: () => void): void => {
      ended = true;
      clearInterval(timer);
      watcher.close();
      release();
      options.politeStop.removeEventListener('abort', onPolite);
      options.forcedStop.removeEventListener('abort', onForced);
      settle();
    };
    const tick = (): void => {
      if (ended) return;
      try {
        for (const event of tails.read()) {
          if (event.type !== 'result') sink(event);
          else if (isLast(event.result)) {
            sink(event);
            finish(() => resolve(event.result));
          }
        }
      } catch (error) {
        finish(() => reject(error));
      }
    };
    const isLast = (result: RunResult): boolean =>
      options.again !== true || result.drained || (!readingThePast && result.mlflowRunId === null);
    const startAgent = (): void => {
      const agent = options.standby?.assign(runDirectory) ?? spawnAgent(runDirectory);
      agent.once('exit', (code) => {
        tick();
        if (ended) return;
        if (code === agentExitHeld) release = watchAgent(runDirectory, replaceAgent);
        else replaceAgent();
      });
      release = () => agent.unref();
    };
    const replaceAgent = (): void => {
      tick();
      if (ended) return;
      restarts += 1;
      if (restarts <= longestAgentRestarts) {
        emit({ type: 'warning', text: "The run's agent is gone: another one takes the run over." });
        startAgent();
        return;
      }
      const log = join(runDirectory, 'logs', 'agent-crash.log');
      const message = `The run's agent ended ${restarts} times before the run did.`;
      finish(() => reject(new SlipwayError(message, { exitCode: ExitCode.internal, hint: `read ${log}` })));
    };
    const ask = (how: 'polite' | 'force', signal: unknown): void => {
      const polite = 'Stopping the run; once more stops it by force.';
      emit({ type: 'notice', text: how === 'polite' ? polite : 'Stopping the run by force.' });
      sendControlRequest(runDirectory, { command: 'stop', how, signal: String(signal) }).catch((error: unknown) =>
        emit({ type: 'warning', text: `The agent could not be asked to stop: ${errorMessage(error)}` }),
      );
    };
    const onPolite = (): void => ask('polite', options.politeStop.reason);
    const onForced = (): void => ask('force', options.forcedStop.reason);

    const timer = setInterval(tick, pollMs);
    const watcher = watch(join(runDirectory, 'logs'), tick);
    options.politeStop.addEventListener('abort', onPolite);
    options.forcedStop.addEventListener('abort', onForced);
    if (options.again === true) tick();
    readingThePast = false;
    if (!ended) startAgent();
  });
}

/** All files of a run that tell what happens, read together. */
class RunTails {
  readonly #agent: FileTail;
  readonly #stdout: FileTail;
  readonly #stderr: FileTail;
  readonly #eventsFolder: string;
  readonly #writers = new Map<string, FileTail>();

  constructor(runDirectory: string) {
    const logs = join(runDirectory, 'logs');
    this.#eventsFolder = join(runDirectory, 'events');
    mkdirSync(logs, { recursive: true });
    mkdirSync(this.#eventsFolder, { recursive: true });
    this.#agent = new FileTail(join(logs, 'agent.log'));
    this.#stdout = new FileTail(join(logs, 'stdout.log'));
    this.#stderr = new FileTail(join(logs, 'stderr.log'));
  }

  /** What is new. The result, which the agent tells last, is given last: all it sums up has been read by then. */
  read(): LaunchEvent[] {
    const told = this.#agent
      .read()
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LaunchEvent);
    const result = told.filter((event) => event.type === 'result');
    const timed = [...told.filter((event) => event.type !== 'result'), ...this.#readWriters()];
    timed.sort((first, second) => first.timeMs - second.timeMs);
    // Lines of output have no time of their own: they come after the program's start, and before its end is told.
    const start = timed.findLastIndex((event) => event.type === 'state' && event.state === 'running') + 1;
    return [
      ...timed.slice(0, start),
      ...outputEvents(this.#stdout, 'stdout'),
      ...outputEvents(this.#stderr, 'stderr'),
      ...timed.slice(start),
      ...result,
    ];
  }

  #readWriters(): LaunchEvent[] {
    for (const name of readdirSync(this.#eventsFolder)) {
      if (name.endsWith('.ndjson') && !this.#writers.has(name)) {
        this.#writers.set(name, new FileTail(join(this.#eventsFolder, name)));
      }
    }
    return [...this.#writers.values()].flatMap((tail) => tail.read().flatMap(shownEvent));
  }
}

function outputEvents(tail: FileTail, stream: 'stdout' | 'stderr'): LaunchEvent[] {
  return tail.read().map((line) => ({ timeMs: Date.now(), type: 'output', stream, line }));
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
  if (event.type === 'metric') {
    return [{ timeMs: event.time_ms, type: 'metric', key: event.key, value: Number(event.value), step: event.step }];
  }
  if (event.type === 'progress') {
    const { stage, done, total, unit } = event;
    return [{ timeMs: event.time_ms, type: 'progress', stage, done, total, unit }];
  }
  return [];
}
