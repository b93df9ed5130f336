import { setTimeout as delay } from 'node:timers/promises';
import { ExitCode, errorMessage, SlipwayError, UnavailableError } from '../errors.ts';
import { asSentence } from '../util/as-sentence.ts';
import { sleep } from '../util/index.ts';
import { isAway } from './away.ts';
import { ExperimentPage } from './experiment-page.ts';
import { registerRun } from './register.ts';
import type { RunContext } from './run-context.ts';
import { ServerLink } from './server-link.ts';
import type { StopRequests } from './stop-requests.ts';
import type { SyncReply, SyncRequests } from './sync-requests.ts';
import { tellFailure } from './tell-failure.ts';
import { openTracking, serverOf } from './tracking.ts';

const firstRetryMs = 2_000;
const longestRetryMs = 300_000;
/** So long a server may take to say that it is there, before a program that waits for nothing goes on. */
const probeTimeoutMs = 5_000;
const progressMs = 500;
/** Whoever starts an agent to send a run asks it for that as soon as it listens, and wants to hear what comes of it. */
const requestPatienceMs = 10_000;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The way of a run to its server: there from the start, reached later, or not at all. Where the run began without it, it is
 * tried again at rising intervals while the program runs and once at its end, if the plan allows that; and whenever
 * somebody asks for it.
 */
export class ServerReach {
  readonly #run: RunContext;
  readonly #stop: StopRequests;
  readonly #requests: SyncRequests;
  #link: ServerLink | null;
  /** Whether the run is on the server and its log is being carried there. */
  #isCarried = false;
  #connecting: Promise<void> | null = null;
  /** True once a server has refused the run: it is not asked again unless somebody wants it. */
  #isRefused = false;
  #isRunning: boolean;
  readonly #waiting = new Set<(reply: SyncReply) => void>();

  /** @param link The run on its server, as far as that is known; null where no server is to be asked, or it was away. */
  constructor(
    run: RunContext,
    link: ServerLink | null,
    { stop, syncs }: { readonly stop: StopRequests; readonly syncs: SyncRequests },
  ) {
    this.#run = run;
    this.#link = link;
    this.#stop = stop;
    this.#requests = syncs;
    this.#isRunning = !run.hasEnded;
  }

  /** Begins to carry the run log where the run is on its server, and to hear of those who want that. */
  async carry(): Promise<void> {
    if (!this.#run.record.offline && this.#link !== null) await this.#carryBy(this.#link);
    this.#requests.listen((request, ...waiter) => void this.#answer(request.variables, ...waiter));
  }

  /** Does what there is to do while the program runs, and keeps trying to reach a server that was away. */
  async whileRunning<T>(work: () => Promise<T>): Promise<T> {
    const over = new AbortController();
    const trying = this.#keepTrying(over.signal);
    try {
      return await work();
    } finally {
      this.#isRunning = false;
      over.abort(new Error('The program has ended.'));
      await trying;
    }
  }

  /**
   * The run on its server at its end, after a last try where it has no place there yet.
   * @param isOver Whether the run had ended when this agent took it over.
   */
  async settle(isOver: boolean): Promise<ServerLink | null> {
    const run = this.#run;
    await this.#connecting?.catch(() => undefined);
    if (run.isSent) await this.#requests.arrived(requestPatienceMs);
    const isWanted = run.isSent || (isOver && this.#link !== null);
    if (!this.#isCarried && this.#link?.isDeleted !== true && (isWanted || this.#mayTry)) {
      try {
        await this.#connect(isWanted ? undefined : AbortSignal.timeout(4 * probeTimeoutMs));
      } catch (error) {
        if (isWanted) this.#fail(error);
        else this.#postponed(error);
      }
    }
    return this.#link;
  }

  /** Tells those who wait that the agent has done what it could. */
  end(): void {
    const { record } = this.#run;
    const message =
      record.deletedAtMs === null
        ? 'Not everything has reached the server.'
        : 'The run was deleted on the tracking server: nothing is sent there.';
    const hint =
      record.deletedAtMs === null
        ? `Why is in ${this.#run.paths.agentLog}`
        : `To have it back: \`mlflow runs restore --run-id ${record.mlflowRunId}\``;
    for (const reply of this.#waiting) {
      if (record.statusSent) reply({ type: 'sent', isRunning: false, url: record.runUrl });
      else reply({ type: 'failed', message, hint, exitCode: ExitCode.unavailable });
    }
    this.#waiting.clear();
  }

  get #mayTry(): boolean {
    const { plan, record } = this.#run;
    if (this.#isRefused || plan.tracking.offline !== 'allowed' || !record.offline) return false;
    // The one that comes with Slipway is not away: where it could not be started, something has to be mended.
    return serverOf(this.#run).kind === 'named';
  }

  async #keepTrying(signal: AbortSignal): Promise<void> {
    for (let delayMs = firstRetryMs; !this.#isCarried && this.#mayTry; delayMs *= 2) {
      try {
        await sleep(Math.min(delayMs, longestRetryMs), { signal });
        if (!this.#isCarried) await this.#connect(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#postponed(error);
      }
    }
  }

  /** That it is still away has been said; that it does not want the run is news. */
  #postponed(error: unknown): void {
    if (isAway(error) || (error instanceof Error && error.name === 'TimeoutError')) {
      this.#run.emit({ type: 'debug', text: `The tracking server is still away: ${errorMessage(error)}` });
      return;
    }
    this.#isRefused = true;
    const text = `The tracking server answers, but does not take the run: ${asSentence(errorMessage(error))}`;
    this.#run.emit({ type: 'warning', text: `${text} It stays in its folder.` });
  }

  /** Makes the run on its server and begins to send; one try at a time. Without a signal it is tried patiently. */
  #connect(signal?: AbortSignal, variables?: Environment): Promise<void> {
    this.#connecting ??= this.#reach(signal, variables).finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  async #reach(signal: AbortSignal | undefined, variables: Environment | undefined): Promise<void> {
    const run = this.#run;
    const never = new AbortController().signal;
    const server = serverOf(run, variables);
    const client = await openTracking(run, signal ?? never, variables);
    if (client === null) throw new UnavailableError('There is no tracking server for the run.');
    if (signal !== undefined) await client.serverVersion({ signal, timeoutMs: probeTimeoutMs, maximumRetries: 0 });
    const namedServer = server.kind === 'named' && server.isOther ? server.uri : null;
    await registerRun(run, client, signal ?? never, { namedServer });
    const wasOffline = run.record.offline;
    await run.update({ offline: false });
    const link = new ServerLink(run, client, new ExperimentPage(run, client), this.#stop);
    link.page.refresh();
    this.#link = link;
    await this.#carryBy(link);
    if (!wasOffline || !this.#isRunning) return;
    run.emit({ type: 'notice', text: 'The run is on the tracking server now: what it wrote so far is being sent.' });
  }

  /** One that waits to be made anew on its server is carried as soon as it is there: a second link would send all twice. */
  async #carryBy(link: ServerLink): Promise<void> {
    this.#isCarried = (await link.carry()) || (link.isOnServer && !link.isDeleted);
  }

  async #answer(variables: Environment, reply: (answer: SyncReply) => void, gone: AbortSignal): Promise<void> {
    this.#run.isSent = true;
    const timer = setInterval(() => this.#tellProgress(reply), progressMs);
    timer.unref();
    const leave = (): void => {
      clearInterval(timer);
      this.#waiting.delete(reply);
    };
    if (gone.aborted) leave();
    else this.#waiting.add(reply);
    gone.addEventListener('abort', leave, { once: true });
    try {
      // A try that is under way may be at another server.
      await this.#connecting?.catch(() => undefined);
      if (!this.#isCarried && this.#isRunning) await this.#connect(undefined, variables);
      // At its end, all that wait are told of that.
      if (!this.#isRunning || this.#link === null) return;
      await this.#link.catchUp();
      if (!this.#isRunning || !this.#waiting.delete(reply)) return;
      reply({ type: 'sent', isRunning: true, url: this.#run.record.runUrl });
    } catch (error) {
      if (this.#waiting.delete(reply)) reply(failedReply(error));
    } finally {
      while (this.#waiting.has(reply)) await delay(progressMs, undefined, { ref: false });
      leave();
      gone.removeEventListener('abort', leave);
    }
  }

  #tellProgress(reply: (answer: SyncReply) => void): void {
    const status = this.#link?.status ?? null;
    if (status === null || !this.#waiting.has(reply)) return;
    const { sentEvents, pendingBytes, lastError } = status;
    reply({ type: 'progress', sentEvents, pendingBytes, lastError });
  }

  /** What the run is refused for is told to all, and the run stays as it is. */
  #fail(error: unknown): void {
    if (!(error instanceof SlipwayError)) throw error;
    tellFailure(this.#run, error);
    for (const reply of this.#waiting) reply(failedReply(error));
    this.#waiting.clear();
  }
}

function failedReply(error: unknown): SyncReply {
  const known = error instanceof SlipwayError ? error : null;
  return {
    type: 'failed',
    message: errorMessage(error),
    hint: known?.hint ?? null,
    exitCode: known?.exitCode ?? ExitCode.internal,
  };
}
