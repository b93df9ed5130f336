import { agentLives, type ControlRequest, sendControlRequest, spawnAgent } from '../agent/index.ts';
import { errorMessage, SlipwayError } from '../errors.ts';
import { type RunRecord, readState } from '../runs/index.ts';
import { isFinal } from '../runs/state.ts';
import { formatWholeSeconds } from '../util/format.ts';
import { sleep } from '../util/sleep.ts';
import type { PlannedRun } from './find-own-run.ts';
import { endStatus, isOver } from './run-end.ts';

const pollMs = 100;
/** A new agent gets so long to take the run's lock before another one is tried. */
const agentStartMs = 5_000;
/** After its program's end a run is given so long to be sent as well, before the answer is told. */
const drainPatienceMs = 5_000;
/** So much longer than its grace a program may take before it is ended by force from here as well. */
const graceMarginMs = 2_000;
/** A run whose agents hear nothing for so long cannot be stopped through them. */
const unheardPatienceMs = 60_000;
/** A program that is ended by force is gone at once; its engine may not be. */
const forcePatienceMs = 60_000;

export interface StopOptions {
  readonly how: 'polite' | 'force';
  /** Time for the program to end by itself before it is ended by force; null for the run's own. */
  readonly graceMs: number | null;
  /** Who asks, as it ends the sentence "it was stopped …". */
  readonly by: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Ends the waiting, and nothing else. */
  readonly signal: AbortSignal;
  readonly onNotice: (text: string) => void;
}

export interface StopEnd {
  readonly runId: string;
  readonly runName: string;
  /** False where the run was over already. */
  readonly wasRunning: boolean;
  readonly status: 'FINISHED' | 'FAILED' | 'KILLED';
  readonly exitCode: number | null;
  readonly reason: string | null;
  /** False where something of it is still on its way to the server. */
  readonly isSettled: boolean;
}

/**
 * Stops a run of this user: asks its agent, or one that takes the run over where its own is gone, and waits until the
 * program has ended. A run that is over stays as it is. Throws SlipwayError where the program does not end, or no agent
 * hears of it, and CannotWriteError where the run folder is gone.
 */
export async function stopRun(run: PlannedRun, options: StopOptions): Promise<StopEnd> {
  const { plan, paths, runId } = run;
  const { onNotice, signal } = options;
  const agents = new Agents(run, options);
  const before = await readState(paths.directory);
  if (before !== null && isOver({ plan, state: before })) {
    // Nobody would send what is left of it.
    if (!isFinal(before.state)) await agents.ensure();
    return endOf(run, before, false);
  }
  const graceMs = options.graceMs ?? plan.stopGraceMs;
  const words = options.how === 'force' ? 'by force' : `(by force after ${formatWholeSeconds(graceMs)})`;
  onNotice(`Stopping ${plan.runName} (${runId}) ${words}.`);
  const limitMs = options.how === 'force' ? forcePatienceMs : graceMs + graceMarginMs;
  let record = await untilOver(run, options.how, agents, { ...options, limitMs });
  if (record === null && options.how === 'polite') {
    onNotice(`${plan.runName} (${runId}) has not ended by itself: stopping it by force.`);
    record = await untilOver(run, 'force', agents, { ...options, limitMs: forcePatienceMs });
  }
  if (record === null) {
    throw new SlipwayError(
      `The run ${runId} has not ended ${forcePatienceMs / 1000} s after it was stopped by force.`,
      { hint: `Does its engine answer? \`slipway doctor\`; what its agent says: \`slipway logs --agent ${runId}\`` },
    );
  }
  for (let waitedMs = 0; !isFinal(record.state) && waitedMs < drainPatienceMs; waitedMs += pollMs) {
    await sleep(pollMs, { signal });
    record = (await readState(paths.directory)) ?? record;
  }
  return endOf(run, record, true);
}

/** Asks until an agent has heard it, and waits for the end; null where the time is over before. */
async function untilOver(
  { paths, plan, runId }: PlannedRun,
  how: 'polite' | 'force',
  agents: Agents,
  { by, graceMs, signal, limitMs }: StopOptions & { readonly limitMs: number },
): Promise<RunRecord | null> {
  const request: ControlRequest = {
    ...{ command: 'stop', how, signal: 'SIGTERM', by },
    ...(graceMs === null || how === 'force' ? {} : { graceMs }),
  };
  let heardAtMs: number | null = null;
  for (let unheardSinceMs = performance.now(); ; ) {
    const state = await readState(paths.directory);
    if (state !== null && isOver({ plan, state })) return state;
    if (heardAtMs !== null && performance.now() - heardAtMs > limitMs) return null;
    if (await agents.ensure()) {
      if (heardAtMs !== null) unheardSinceMs = performance.now();
      heardAtMs = null;
    }
    if (heardAtMs === null && (await ask(paths.directory, request))) heardAtMs = performance.now();
    if (heardAtMs === null && performance.now() - unheardSinceMs > unheardPatienceMs) throw unheard(runId);
    await sleep(pollMs, { signal });
  }
}

function unheard(runId: string): SlipwayError {
  return new SlipwayError(`No agent of the run ${runId} has taken the request within ${unheardPatienceMs / 1000} s.`, {
    hint: `What they say: \`slipway logs --agent ${runId}\`; one that hangs, for a dead disk or a SIGSTOP, is ended by its process id.`,
  });
}

async function ask(runDirectory: string, request: ControlRequest): Promise<boolean> {
  try {
    return await sendControlRequest(runDirectory, request);
  } catch (error) {
    throw new SlipwayError(
      `The agent of the run in ${runDirectory} could not be asked to stop: ${errorMessage(error)}`,
      {
        cause: error,
      },
    );
  }
}

/** Sees to it that the run has an agent. */
class Agents {
  readonly #run: PlannedRun;
  readonly #options: StopOptions;
  #startedAtMs: number | null = null;

  constructor(run: PlannedRun, options: StopOptions) {
    this.#run = run;
    this.#options = options;
  }

  /** Starts an agent where the run has none, and gives it time to begin. True where it has. */
  async ensure(): Promise<boolean> {
    const { paths, plan, runId } = this.#run;
    if (this.#startedAtMs !== null && performance.now() - this.#startedAtMs < agentStartMs) return false;
    if (await agentLives(paths.directory)) return false;
    this.#options.onNotice(`The agent of ${plan.runName} (${runId}) is gone: another one takes the run over.`);
    this.#startedAtMs = performance.now();
    spawnAgent(paths.directory, { environment: this.#options.environment }).unref();
    return true;
  }
}

function endOf({ runId, plan }: PlannedRun, record: RunRecord, wasRunning: boolean): StopEnd {
  const { exitCode, reason, state } = record;
  return {
    runId,
    runName: plan.runName,
    wasRunning,
    status: endStatus(record),
    exitCode,
    reason,
    isSettled: isFinal(state),
  };
}
