import { agentLives, type SyncReply, sendSyncRequest, spawnAgent } from '../agent/index.ts';
import { ExitCode, SlipwayError } from '../errors.ts';
import { parseTrackingUri } from '../mlflow/tracking-uri.ts';
import { type RunPlan, type RunRecord, readState, type StoredRun } from '../runs/index.ts';
import { isFinal } from '../runs/state.ts';
import { sleep } from '../util/index.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Progress = Extract<SyncReply, { type: 'progress' }>;

const pollMs = 100;
const mostAgents = 3;
/** A server that takes nothing for so long is away: the run's agent goes on trying, and nobody need wait for that. */
const patienceMs = 60_000;

/** What has come of sending a run. */
export interface SyncOutcome {
  /**
   * `sent`: all of it is on the server, with its end. `was-there`: so it was before, and nobody was asked. `running`: all
   * that it wrote so far is there, and its agent sends the rest.
   */
  readonly outcome: 'sent' | 'was-there' | 'running';
  /** Its page on the server. */
  readonly url: string | null;
}

export interface SyncContext {
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  readonly onWarning: (text: string) => void;
  readonly debug?: boolean;
}

/**
 * Brings one run to its server, with everything that it wrote: its agent does that, where one lives, else a new one.
 * Repeatable, whoever is killed when. Throws SlipwayError where the server is away or refuses it.
 */
export async function syncRun(
  { runId, paths, plan }: StoredRun & { readonly plan: RunPlan },
  context: SyncContext,
): Promise<SyncOutcome> {
  const { environment, signal, debug = false } = context;
  const runDirectory = paths.directory;
  const before = await readState(runDirectory);
  if (before === null) {
    throw new SlipwayError(`The run ${runId} has not begun yet: there is nothing to send.`, {
      exitCode: ExitCode.usage,
      hint: `To have it begin: \`slipway attach ${runId}\``,
    });
  }
  if (isSent(before)) return { outcome: 'was-there', url: before.runUrl };
  tellOtherServer(plan, before, context);
  const request = { command: 'sync', variables: serverVariables(environment) } as const;
  const patience = new Patience(context);
  for (let agents = 0; ; ) {
    if (!(await agentLives(runDirectory))) {
      const state = await readState(runDirectory);
      if (state !== null && isSent(state)) return { outcome: 'sent', url: state.runUrl };
      if (agents === mostAgents) throw agentsEnded(runId, runDirectory);
      agents += 1;
      await startAgent(runDirectory, { debug, environment, isSent: true });
    }
    const either = AbortSignal.any([signal, patience.signal]);
    const last = await sendSyncRequest(runDirectory, request, { signal: either, onReply: patience.heard });
    if (last?.type === 'sent') return { outcome: last.isRunning ? 'running' : 'sent', url: last.url };
    if (last?.type === 'failed') {
      const hint = last.hint === null ? {} : { hint: last.hint };
      throw new SlipwayError(last.message, { exitCode: last.exitCode, ...hint });
    }
    await sleep(pollMs, { signal });
  }
}

/** Whether a server has all of a run. */
export function isSent({ state, statusSent }: RunRecord): boolean {
  return isFinal(state) && statusSent;
}

/** Starts an agent, and waits until it has taken the run or has ended. */
async function startAgent(runDirectory: string, options: Parameters<typeof spawnAgent>[1]): Promise<void> {
  const agent = spawnAgent(runDirectory, options);
  let hasEnded = false;
  agent.once('exit', () => {
    hasEnded = true;
  });
  while (!hasEnded && !(await agentLives(runDirectory))) await sleep(pollMs / 4);
  agent.unref();
}

/** A run that may be on a server stays there. */
function tellOtherServer(plan: RunPlan, record: RunRecord, { environment, onWarning }: SyncContext): void {
  const { MLFLOW_TRACKING_URI: named } = environment;
  if (!named || (record.mlflowRunId === null && !record.registering)) return;
  const uri = record.trackingUri ?? plan.tracking.uri;
  if (uri === null || parseTrackingUri(named).uri === uri) return;
  onWarning(`The run ${plan.runName} is on ${uri} and is sent there, not to the server of MLFLOW_TRACKING_URI.`);
}

/** What an agent that lives must be told of the server and of who asks: its own environment may know nothing of it. */
function serverVariables(environment: Environment): Record<string, string> {
  const isOfServer = (name: string): boolean => name.startsWith('MLFLOW_') || /^(https?|no)_proxy$/i.test(name);
  const isWanted = (name: string): boolean => isOfServer(name) || name === 'HOME';
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      isWanted(name) && value !== undefined ? [[name, value]] : [],
    ),
  );
}

/** Ends the waiting for a server that takes nothing any more. */
class Patience {
  readonly #abort = new AbortController();
  readonly #onProgress: SyncContext['onProgress'];
  #sentEvents = -1;
  /** Of a clock that nobody sets. */
  #movedMs = performance.now();

  constructor({ onProgress }: SyncContext) {
    this.#onProgress = onProgress;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  readonly heard = (reply: SyncReply): void => {
    if (reply.type !== 'progress') return;
    this.#onProgress(reply);
    if (reply.lastError === null || reply.sentEvents !== this.#sentEvents) this.#movedMs = performance.now();
    this.#sentEvents = reply.sentEvents;
    if (performance.now() - this.#movedMs < patienceMs) return;
    const message = `The tracking server takes nothing any more: ${reply.lastError}`;
    const hint = "The run's agent goes on trying.";
    this.#abort.abort(new SlipwayError(message, { exitCode: ExitCode.unavailable, hint }));
  };
}

function agentsEnded(runId: string, runDirectory: string): SlipwayError {
  return new SlipwayError(`The agent of the run ${runId} ended ${mostAgents} times before everything was sent.`, {
    exitCode: ExitCode.internal,
    hint: `Why is in ${runDirectory}/logs`,
  });
}
