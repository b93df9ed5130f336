import { SlipwayError } from '../errors.ts';
import type { ShowStep } from '../image/index.ts';
import type { OutputPlace, OutputStream } from '../runs/output-log.ts';
import type { RunPlan } from '../runs/plan.ts';

/** An image that a run's program is started from. */
export interface ProgramImage {
  readonly name: string;
  readonly id: string;
  /** Digest of how it was built; null or missing where that is not known. */
  readonly recipe?: string | null;
}

/** Where the output of an attempt goes. */
export interface ProgramOutput {
  /** Run folder on this machine. */
  readonly runDirectory: string;
  /** 1 by default. */
  readonly attempt?: number;
  /** Where the attempt's output begins in the parts; by default at their beginning. */
  readonly starts?: Readonly<Record<OutputStream, OutputPlace>>;
  /** Texts that are masked. */
  readonly secrets?: readonly string[];
  /** Told what keeps the output from being written. */
  readonly onWarning?: (text: string) => void;
}

/** What prepare made of the plan: the image, or on the host the program's interpreter. */
export interface PreparedProgram {
  /** Null on engines without images. */
  readonly image: ProgramImage | null;
  /** True where nothing had to be built. */
  readonly reused: boolean;
}

/** How to start the program, said in the executor's own terms by the agent. */
export interface ProgramStart {
  readonly plan: RunPlan;
  readonly prepared: PreparedProgram;
  /** Run folder on this machine. */
  readonly runDirectory: string;
  /** Environment of the program, without the paths that each executor adds (SLIPWAY_RUN_DIR, SLIPWAY_STORAGE). */
  readonly environment: Readonly<Record<string, string>>;
}

/** Plain JSON, kept in `state.json`, from which any later agent finds the program again. */
export type ProgramHandle = { readonly executor: string } & Readonly<Record<string, unknown>>;

export type ProgramStatus =
  | { readonly state: 'running' }
  | { readonly state: 'exited'; readonly exit: ProgramExit }
  /** The engine knows nothing of it. */
  | { readonly state: 'gone' };

/** A program whose end cannot be known any more: the engine has forgotten it. */
export class ProgramGoneError extends SlipwayError {}

export interface ProgramExit {
  readonly exitCode: number;
  readonly outOfMemory: boolean;
  /** The engine's own error (a command that does not exist), or null. */
  readonly error: string | null;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
}

/** Bytes that came in and went out: counters that only grow. */
export interface TrafficCounters {
  readonly inBytes: number;
  readonly outBytes: number;
}

/** What a running program uses and may use, read once. */
export interface ProgramStats {
  /** Time its processes have had on CPUs, in seconds: the difference of two readings counts. */
  readonly cpuSeconds: number;
  /** CPUs of the machine it runs on. */
  readonly cpus: number;
  readonly memoryBytes: number;
  /** The program's own limit, else the machine's memory. */
  readonly memoryLimitBytes: number;
  /** Null where it cannot be counted. `isOwn`: counted from the program's start, and not of the whole machine. */
  readonly network: (TrafficCounters & { readonly isOwn: boolean }) | null;
  /** Read from and written to disks since the program's start; null where it cannot be counted. */
  readonly blockIo: TrafficCounters | null;
}

export interface ExecutorContext {
  readonly signal: AbortSignal;
  /** A live line of what prepare does (a build step); `line` is the whole line that it was made of. */
  readonly onProgress: (text: string, line?: string) => void;
  readonly onNotice: (text: string) => void;
  /** Shows a part of prepare as a step of its own; without it, it is shown as live lines. */
  readonly step?: ShowStep;
  /** How something was decided, for someone who asks: mounts and limits, why an image was built. */
  readonly onDetail?: (text: string) => void;
}

/** Where a run executes. One implementation a file; nothing above knows which. */
export interface Executor {
  readonly name: string;
  /**
   * Builds or reuses what the program runs in. Throws SlipwayError with the cause and its last lines.
   * @param earlier The image of the run's earlier attempts, which is used as it is; where it is gone it is built again, in
   *   the same way or not at all.
   */
  prepare(plan: RunPlan, context: ExecutorContext, earlier?: ProgramImage | null): Promise<PreparedProgram>;
  /** Starts the program; once per attempt (an existing container of this one is found, not made twice). */
  start(start: ProgramStart, context: ExecutorContext): Promise<ProgramHandle>;
  inspect(handle: ProgramHandle): Promise<ProgramStatus>;
  /**
   * Resolves when the program has ended; rejects with the signal's reason when aborted. Throws ProgramGoneError where the
   * engine has forgotten it, UnavailableError where the engine has been away for too long.
   */
  wait(handle: ProgramHandle, signal: AbortSignal): Promise<ProgramExit>;
  /**
   * Copies the program's output to the parts of `<run>/logs/stdout.log` and `stderr.log`, each line with its time, until
   * the program has ended and all is kept. Repeatable after any interruption: every line is there once.
   * Throws CannotWriteError where there is no room for it in the end, or something else is in a part's place.
   */
  followOutput(handle: ProgramHandle, output: ProgramOutput, signal: AbortSignal): Promise<void>;
  /**
   * The variables that the program was started with, as the engine has them: an agent that takes over may have none of
   * them. Null where the engine does not tell (any more).
   */
  variables?(handle: ProgramHandle): Promise<Readonly<Record<string, string>> | null>;
  /** What the program uses at this moment; null where it does not run. Costs the engine little. */
  stats?(handle: ProgramHandle, signal: AbortSignal): Promise<ProgramStats | null>;
  /** Ids of processes of a program that go on although it has ended: its first one alone was ended by force. */
  leftovers(handle: ProgramHandle): Promise<readonly number[]>;
  /** `polite`: SIGTERM. `force`: SIGKILL. Returns at once; `wait` tells the end. */
  stop(handle: ProgramHandle, how: 'polite' | 'force'): Promise<void>;
  /** Removes what start made, once everything of it is in the run folder. Fine if it is gone. */
  remove(handle: ProgramHandle): Promise<void>;
  /**
   * Finds the program of an attempt whose handle was never written down (an agent killed between start and save).
   * `withUnstarted`: also what was made for it and has run nothing, for whoever is to remove all of it.
   */
  find(plan: RunPlan, options?: { readonly withUnstarted?: boolean }): Promise<ProgramHandle | null>;
}
