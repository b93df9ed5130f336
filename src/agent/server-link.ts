import { setTimeout as delay } from 'node:timers/promises';
import { errorMessage } from '../errors.ts';
import { isNotFound, type MlflowClient, type Run } from '../mlflow/index.ts';
import type { StreamStatus } from '../stream/index.ts';
import { sleep } from '../util/index.ts';
import { stopTag } from './end-tags.ts';
import type { ExperimentPage } from './experiment-page.ts';
import { forgetMissingRun, registerAgain } from './replace-run.ts';
import type { RunContext } from './run-context.ts';
import { serverPoll } from './server-poll.ts';
import type { StopRequests } from './stop-requests.ts';
import { openStream, type RunFollower } from './stream-run.ts';

const lookTimeoutMs = 15_000;
/** A run that is missing is looked for once more after this time: a proxy's answer may have been in between. */
const confirmMs = 3_000;
const changePollMs = 50;
/** Who stops a run that is deleted, as it ends the sentence "it was stopped …". */
const deletedBy = 'because its run was deleted on the tracking server';

/**
 * The run on its server, as long as its agent lives: carries the run log there, and looks at the run there now and then.
 * Somebody may ask for its end with a tag, or delete it; or the server may have come back without it. A server that is
 * away is waited for in silence.
 */
export class ServerLink {
  readonly client: MlflowClient;
  readonly page: ExperimentPage;
  readonly #run: RunContext;
  readonly #stop: StopRequests;
  readonly #closing = new AbortController();
  #stream: RunFollower | null = null;
  /** Whether the run log is to be carried: from the program's start on. */
  #isCarrying = false;
  #isFinal = false;
  #watch: Promise<void> | null = null;
  #look: Promise<void> | null = null;

  constructor(run: RunContext, client: MlflowClient, page: ExperimentPage, stop: StopRequests) {
    this.#run = run;
    this.client = client;
    this.page = page;
    this.#stop = stop;
  }

  /** Begins to look at the run; once. */
  watch(): void {
    this.#watch ??= this.#keepLooking();
  }

  /** Begins to carry the run log, where the run is on the server and was not deleted there; resolves with whether it is. */
  async carry(): Promise<boolean> {
    this.#isCarrying = true;
    if (this.isDeleted) await this.#lookForRestored();
    this.#openStream();
    this.watch();
    return this.#stream !== null;
  }

  /** Whether the run is on the server, or is to be made there again. */
  get isOnServer(): boolean {
    const { mlflowRunId, replacedRunIds } = this.#run.record;
    return (mlflowRunId !== null || replacedRunIds.length > 0) && this.#isCarrying;
  }

  /** True once the run was found deleted on the server: nothing is sent any more. */
  get isDeleted(): boolean {
    return this.#run.record.deletedAtMs !== null;
  }

  /** Looks at the run now, or waits for the look that is being taken. */
  async lookNow(): Promise<void> {
    this.#look ??= this.#lookOnce().finally(() => {
      this.#look = null;
    });
    await this.#look;
  }

  /**
   * Resolves when everything is on the server, whichever run there it is; the program has ended. Null where the run was
   * deleted there, or the signal is aborted before.
   */
  async drain(signal: AbortSignal): Promise<StreamStatus | null> {
    this.#isFinal = true;
    for (;;) {
      const stream = await this.#currentStream(signal);
      if (stream === null) return null;
      stream.programEnded();
      try {
        const status = await stream.drain({ signal });
        return signal.aborted ? null : status;
      } catch (error) {
        // Closed because the run was deleted or replaced meanwhile.
        if (stream === this.#stream) throw error;
      }
    }
  }

  /** Resolves when all that was written so far is on the server, while the program goes on. */
  async catchUp(): Promise<void> {
    await (await this.#currentStream(this.#closing.signal))?.drain();
  }

  /** How much of the run log has arrived; null where none is being carried. */
  get status(): StreamStatus | null {
    return this.#stream?.status() ?? null;
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('The run is over.'));
    await this.#watch;
    await this.#look;
    await this.#closeStream();
  }

  async #currentStream(signal: AbortSignal): Promise<RunFollower | null> {
    while (this.#stream === null && !this.isDeleted && !signal.aborted) await delay(changePollMs);
    return this.isDeleted || signal.aborted ? null : this.#stream;
  }

  async #keepLooking(): Promise<void> {
    const { signal } = this.#closing;
    const { intervalMs, problem } = serverPoll();
    if (problem !== null) this.#run.emit({ type: 'warning', text: problem });
    while (!signal.aborted) {
      await sleep(intervalMs, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.lookNow();
    }
  }

  async #lookOnce(): Promise<void> {
    if (this.isDeleted) return;
    try {
      const { mlflowRunId, replacedRunIds } = this.#run.record;
      if (mlflowRunId === null) {
        // Forgotten, and not made anew yet.
        if (replacedRunIds.length > 0) await this.#makeAgain();
        return;
      }
      const found = await this.#find(mlflowRunId);
      if (found === null) await this.#replace(mlflowRunId);
      else if (found.info.lifecycleStage === 'deleted') await this.#wasDeleted();
      else this.#isThere(found);
    } catch (error) {
      this.#run.emit({ type: 'debug', text: `The run could not be looked at: ${errorMessage(error)}` });
    }
  }

  #isThere({ data }: Run): void {
    // It was given up for lost, and is there again before it was made anew.
    this.#openStream();
    if (isYes(data.tags[stopTag])) this.#stopFor(`from the MLflow UI (tag ${stopTag})`);
  }

  #stopFor(by: string): void {
    this.#stop.request({ command: 'stop', how: 'polite', signal: 'SIGTERM', by });
  }

  /** The run; null where the server says, twice, that it has none of this id. Throws what a server says that is away. */
  async #find(runId: string): Promise<Run | null> {
    const { signal } = this.#closing;
    const call = { signal, maximumRetries: 0, timeoutMs: lookTimeoutMs };
    for (let looks = 1; ; looks += 1) {
      try {
        return await this.client.getRun(runId, call);
      } catch (error) {
        if (!isNotFound(error)) throw error;
        if (looks > 1) return null;
        await sleep(confirmMs, { signal });
      }
    }
  }

  async #wasDeleted(): Promise<void> {
    // Before anything else: from here on nothing is sent.
    await this.#run.settle({ deletedAtMs: Date.now() });
    this.page.close();
    this.#stopFor(deletedBy);
    await this.#closeStream();
    const text = 'The run was deleted on the tracking server: nothing more is sent; what it wrote stays in its folder.';
    this.#run.emit({ type: 'warning', text });
  }

  /** Somebody who carries a run to its server later may have restored it there. */
  async #lookForRestored(): Promise<void> {
    const { mlflowRunId } = this.#run.record;
    if (mlflowRunId === null) return;
    try {
      const { info } = await this.client.getRun(mlflowRunId, { maximumRetries: 1, timeoutMs: lookTimeoutMs });
      if (info.lifecycleStage === 'active') await this.#run.settle({ deletedAtMs: null });
      // The agent that saw it deleted may have died before it had asked for the end.
      else this.#stopFor(deletedBy);
    } catch (error) {
      const text = `Whether the run was restored could not be asked: ${errorMessage(error)}`;
      this.#run.emit({ type: 'debug', text });
    }
  }

  async #replace(missingId: string): Promise<void> {
    await this.#closeStream();
    await forgetMissingRun(this.#run, this.client, missingId, this.#closing.signal);
    await this.#makeAgain();
  }

  async #makeAgain(): Promise<void> {
    await registerAgain(this.#run, this.client, this.#closing.signal);
    this.page.refresh();
    this.#openStream();
  }

  #openStream(): void {
    if (!this.#isCarrying || this.isDeleted || this.#stream !== null || this.#closing.signal.aborted) return;
    this.#stream = openStream(this.#run, this.client, this.page, () => void this.lookNow());
    if (this.#isFinal) this.#stream?.programEnded();
  }

  async #closeStream(): Promise<void> {
    const stream = this.#stream;
    this.#stream = null;
    await stream?.close();
  }
}

function isYes(value: string | undefined): boolean {
  return value?.trim().toLowerCase() === 'true';
}
