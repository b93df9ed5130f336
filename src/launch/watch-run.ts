import { type FSWatcher, watch } from 'node:fs';
import { basename, join } from 'node:path';
import { agentExitHeld, agentExitUnheard, type StandbyAgent, spawnAgent, watchAgent } from '../agent/index.ts';
import { CannotWriteError, ExitCode, errorCode, SlipwayError } from '../errors.ts';
import type { EventSink, LaunchEvent, LaunchEventBody, RunResult } from '../events.ts';
import { askToStop } from '../machine/ask-to-stop.ts';
import { attemptMarker, type RunPlan, type RunState } from '../runs/index.ts';
import { FolderRemoval } from './folder-removal.ts';
import { recentHistory } from './recent-history.ts';
import { RunTails } from './run-tails.ts';

const pollMs = 100;
const longestAgentRestarts = 3;
/** Of a run log more than a person is shown of the past; tens of thousands of values. */
const mostPastBytes = 8 * 1024 * 1024;

export interface WatchOptions {
  readonly runDirectory: string;
  /** Only what is of the plan's attempt is shown. */
  readonly plan: RunPlan;
  readonly sink: EventSink;
  /** Of an agent that must be started. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted by the first signal; its reason is the signal's name. Asks the agent to stop the run. */
  readonly politeStop: AbortSignal;
  /** Aborted by the second signal: the run is stopped by force. */
  readonly forcedStop: AbortSignal;
  /**
   * True where the run was launched earlier: results told before, or while values were still on their way, are then
   * passed over, until all of the run is on the server.
   */
  readonly again?: boolean;
  /** What was read in files of variables, for the agents that are started here. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Aborted when the person has left: watching ends, and rejects with its reason, and the run goes on. */
  readonly leave?: AbortSignal;
  /** True where a person is shown only the recent part of a long past. */
  readonly isPastCut?: boolean;
  /** The run's first agent, where it was started before the run was planned. */
  readonly standby?: StandbyAgent;
  /** Whether an agent that is started tells every request over HTTP and the stacks of errors. */
  readonly debug?: boolean;
}

/**
 * Shows a run from its first event until its result is told. It only watches: the run goes on without it. Where the
 * agent dies before the end, another is started, which takes the run over.
 */
export function watchRun(options: WatchOptions): Promise<RunResult> {
  const { runDirectory, plan, sink } = options;
  const emit = (body: LaunchEventBody): void => sink({ timeMs: Date.now(), ...body });
  const mostRead = options.isPastCut === true ? mostPastBytes : undefined;
  const tails = new RunTails(runDirectory, plan.logStarts, attemptMarker(plan), mostRead);
  const removal = new FolderRemoval(runDirectory, plan.stopGraceMs + plan.drainTimeoutMs);
  return new Promise((resolve, reject) => {
    let restarts = 0;
    let ended = false;
    let readingThePast = true;
    let state: RunState = 'planned';
    /** What the agent of this watch has told, though not all of the run is on the server. */
    let undrained: Extract<LaunchEvent, { type: 'result' }> | null = null;
    let release = (): void => {};

    const finish = (settle: () => void): void => {
      ended = true;
      clearInterval(timer);
      watcher?.close();
      release();
      options.politeStop.removeEventListener('abort', onPolite);
      options.forcedStop.removeEventListener('abort', onForced);
      options.leave?.removeEventListener('abort', onLeave);
      settle();
    };
    const end = (event: Extract<LaunchEvent, { type: 'result' }>): void => {
      sink(event);
      finish(() => resolve(event.result));
    };
    const tick = (): void => {
      if (ended) return;
      try {
        const events = tails.read();
        const isCut = readingThePast && options.isPastCut === true;
        for (const event of isCut ? recentHistory(events, plan.runId, tails.pastCut) : events) {
          if (event.type === 'state') state = event.state;
          if (event.type !== 'result') sink(event);
          else if (isOfAttempt(event.result) && isLast(event.result)) end(event);
          else if (isOfAttempt(event.result) && !readingThePast) undrained = event;
          // An agent that has lost patience just when all had arrived has told the end twice.
          if (ended) return;
        }
      } catch (error) {
        finish(() => reject(error));
      }
      if (!ended && removal.isFinal()) finish(() => reject(removed(runDirectory)));
    };
    // The agent of the attempt before may have had a last word when this one was planned.
    const isOfAttempt = ({ attempt = 1 }: RunResult): boolean => attempt >= plan.attempt;
    const isLast = (result: RunResult): boolean =>
      options.again !== true ||
      result.drained ||
      (!readingThePast && (result.mlflowRunId === null || result.deleted === true));
    const startAgent = (): void => {
      try {
        startOne();
      } catch (error) {
        // Its folder is gone or cannot be written: what waits here must not keep this process.
        finish(() => reject(error));
      }
    };
    const startOne = (): void => {
      const { variables } = options;
      const agentOptions = { debug: options.debug === true, environment: options.environment, variables };
      const agent = options.standby?.assign(runDirectory, variables) ?? spawnAgent(runDirectory, agentOptions);
      agent.once('exit', (code) => {
        tick();
        if (ended) return;
        // It has done what it could: what the server refuses another one would not get there either.
        if (code === 0 && undrained !== null) end(undrained);
        else if (code === agentExitHeld) release = watchAgent(runDirectory, replaceAgent);
        else if (code === agentExitUnheard) finish(() => reject(unheard(runDirectory)));
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
      finish(() => reject(new SlipwayError(message, { exitCode: ExitCode.internal, hint: `Why is in ${log}` })));
    };
    const ask = (how: 'polite' | 'force', signal: unknown): void => {
      if (state === 'draining') {
        const hint = `Its agent goes on; to see the rest: \`slipway attach ${basename(runDirectory)}\``;
        const message = 'The program has ended; what is left of the run is being sent.';
        finish(() => reject(new SlipwayError(message, { exitCode: ExitCode.interrupted, hint })));
        return;
      }
      const polite = 'Stopping the run; once more stops it by force.';
      emit({ type: 'notice', text: how === 'polite' ? polite : 'Stopping the run by force.' });
      const warn = (text: string): void => emit({ type: 'warning', text });
      void askToStop(
        runDirectory,
        { command: 'stop', how, signal: signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM' },
        () => ended,
        warn,
      );
    };
    const onPolite = (): void => ask('polite', options.politeStop.reason);
    const onForced = (): void => ask('force', options.forcedStop.reason);

    const onLeave = (): void => {
      emit({ type: 'notice', text: `The run goes on. To watch it again: \`slipway attach ${plan.runId}\`` });
      finish(() => reject(options.leave?.reason));
    };

    const timer = setInterval(tick, pollMs);
    const watcher = notifications(join(runDirectory, 'logs'), tick);
    options.politeStop.addEventListener('abort', onPolite);
    options.forcedStop.addEventListener('abort', onForced);
    options.leave?.addEventListener('abort', onLeave);
    if (options.again === true) tick();
    readingThePast = false;
    if (!ended) startAgent();
    // Left while it was planned.
    if (!ended && options.leave?.aborted === true) onLeave();
  });
}

/** The kernel's notifications of a folder; null where all are taken (ENOSPC, EMFILE): what is polled does it alone. */
function notifications(directory: string, onChange: () => void): FSWatcher | null {
  try {
    const watcher = watch(directory, onChange);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return null;
  }
}

function unheard(runDirectory: string): CannotWriteError {
  const message = `The run has ended, and its folder ${runDirectory} could not take how.`;
  return new CannotWriteError(message, {
    hint: 'Its page on the tracking server says how it ended. Is the disk full, or was the folder removed?',
  });
}

function removed(runDirectory: string): CannotWriteError {
  const message = `The run folder ${runDirectory} was removed, and the tracking server has not taken the run's end yet.`;
  return new CannotWriteError(message, {
    hint: 'The program is ended; the agent goes on for an hour to tell the server that the run has failed.',
  });
}
