import { existsSync } from 'node:fs';
import { environment } from '../config.ts';
import { CannotWriteError, errorMessage } from '../errors.ts';
import type { LaunchEventBody } from '../events.ts';
import { type RunPaths, readPlan, readState, runPathsOf, writeState } from '../runs/index.ts';
import type { RunPlan } from '../runs/plan.ts';
import type { RunRecord } from '../runs/run-state.ts';
import { isFinal } from '../runs/state.ts';
import { withoutStop } from '../util/as-sentence.ts';
import { knownSecrets, maskSecrets } from '../util/index.ts';
import { DiskReserve } from './disk-reserve.ts';
import { Journal } from './journal.ts';

/** The record of a run, or of an attempt, that nothing has been done for. */
export const freshRecord: Omit<RunRecord, 'updatedAtMs'> = {
  version: 1,
  attempt: 1,
  state: 'planned',
  startedAtMs: null,
  endedAtMs: null,
  trackingUri: null,
  experimentId: null,
  registering: false,
  mlflowRunId: null,
  offline: false,
  namedServer: null,
  artifactUri: null,
  runUrl: null,
  image: null,
  experimentName: null,
  replacedRunIds: [],
  deletedAtMs: null,
  incomplete: null,
  handle: null,
  outputStarts: { stdout: { part: 0, size: 0 }, stderr: { part: 0, size: 0 } },
  noteDigests: [],
  stopRequested: null,
  stopSignal: null,
  stopBy: null,
  stopGraceMs: null,
  exitCode: null,
  outOfMemory: false,
  reason: null,
  failure: null,
  failedAgents: 0,
  failureExitCode: null,
  drained: false,
  statusSent: false,
};

/** What an agent may change of the record. */
export type RecordChange = Partial<Omit<RunRecord, 'version' | 'updatedAtMs'>>;

/** One run as its agent holds it: the plan, where its files are, what has been done, and the journal. */
export class RunContext {
  readonly plan: RunPlan;
  readonly paths: RunPaths;
  readonly journal: Journal;
  /** What the launcher read in files of variables; null where nobody has handed it on. */
  readonly handed: Readonly<Record<string, string>> | null;
  /** True where an earlier agent began this run. */
  readonly adopted: boolean;
  /** True where it is to be brought to a server, whatever its plan says of that: `slipway sync` asks for it. */
  isSent = false;
  /** When and how its loss was lost, as far as this agent has seen or heard of it. */
  diverged: string | null = null;
  /** True where somebody has written the run's note on the server: it stays. */
  hasForeignNote = false;
  readonly #notices = new Set<string>();
  readonly #secrets: string[] = knownSecrets(environment());
  #record: RunRecord;
  #lastWrite: Promise<void> = Promise.resolve();
  #writeProblem: string | null = null;
  readonly #reserve: DiskReserve;

  private constructor(plan: RunPlan, paths: RunPaths, record: RunRecord | null, handed: RunContext['handed']) {
    this.plan = plan;
    this.handed = handed;
    this.paths = paths;
    this.adopted = record !== null;
    this.#record = record ?? { ...freshRecord, updatedAtMs: Date.now() };
    this.journal = new Journal(paths.agentLog, this.#secrets);
    this.#reserve = new DiskReserve(paths.directory);
    if (record === null || !isFinal(record.state)) this.#reserve.take();
  }

  static async open(runDirectory: string, handed: RunContext['handed'] = null): Promise<RunContext> {
    const paths = runPathsOf(runDirectory);
    return new RunContext(await readPlan(runDirectory), paths, await readState(runDirectory), handed);
  }

  /**
   * All that must never be shown of this run: the login of the server, what the program is given of secret variables, and
   * what stands in secret files. It is complete before anything of the program is prepared or read.
   */
  get secrets(): readonly string[] {
    return this.#secrets;
  }

  /** Adds what must be masked from here on: of the journal, of reasons, and of everyone who holds `secrets`. */
  addSecrets(values: readonly string[]): void {
    this.#secrets.push(...values.filter((value) => !this.#secrets.includes(value)));
  }

  /** The text without the secrets of this run. */
  mask(text: string): string {
    return maskSecrets(text, this.#secrets);
  }

  get record(): RunRecord {
    return this.#record;
  }

  /** True once it is decided how the run ended, whoever has heard of it. */
  get hasEnded(): boolean {
    return this.#record.exitCode !== null || this.#record.reason !== null;
  }

  emit(event: LaunchEventBody): void {
    // Two images that are made at once tell of one base.
    if (event.type === 'notice') {
      if (this.#notices.has(event.text)) return;
      this.#notices.add(event.text);
    }
    this.journal.emit(event);
    if (this.journal.isBroken && this.hasEnded && this.#reserve.release()) this.journal.emit(event);
  }

  /** Gives back what was kept for the end. */
  close(): void {
    this.#reserve.release();
  }

  /** Whether those who watch have read, or can read, how the run ended. */
  get isHeard(): boolean {
    return this.#writeProblem === null && !this.journal.isBroken && existsSync(this.paths.agentLog);
  }

  /**
   * Changes the record and makes the change durable before anything is built on it. A reason, and what is
   * missing, are kept without the secrets that they may repeat: people read it in the state, on the server and in every list.
   */
  async update(change: RecordChange): Promise<void> {
    const before = this.#record.state;
    const { reason = this.#record.reason, incomplete = this.#record.incomplete } = change;
    this.#record = {
      ...this.#record,
      ...change,
      reason: reason === null ? null : this.mask(reason),
      incomplete: incomplete === null ? null : this.mask(incomplete),
      updatedAtMs: Date.now(),
    };
    const { state } = this.#record;
    // One write after the other, each of the newest record: a slower, older one must not be the last on disk.
    const written = this.#lastWrite.then(() => this.#write());
    this.#lastWrite = written.then(
      () => {
        this.#writeProblem = null;
      },
      (error: unknown) => {
        this.#writeProblem = withoutStop(errorMessage(error));
      },
    );
    await written;
    if (state !== before) this.emit({ type: 'state', state });
  }

  async #write(): Promise<void> {
    try {
      await writeState(this.paths.directory, this.#record);
    } catch (error) {
      if (!this.hasEnded || !this.#reserve.release()) throw error;
      await writeState(this.paths.directory, this.#record);
    }
  }

  /**
   * Changes the record and makes it durable where that can be: what has happened has happened, and is told to the server,
   * though the disk be full or the folder gone. `writeProblem` then says what is wrong.
   */
  async settle(change: RecordChange): Promise<void> {
    const before = this.#record.state;
    try {
      await this.update(change);
    } catch (error) {
      if (!(error instanceof CannotWriteError)) throw error;
      const { state } = this.#record;
      if (state !== before) this.emit({ type: 'state', state });
    }
  }

  /** Why the record on disk is not the newest, as a sentence without its full stop; null where it is. */
  get writeProblem(): string | null {
    return this.#writeProblem;
  }
}
