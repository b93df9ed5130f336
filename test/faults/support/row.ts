import type { AuditedRun } from './audit-run.ts';
import type { Scene } from './scene.ts';
import type { WrittenEvent } from './written-values.ts';

/** How every run of a row must have ended. */
export interface ExpectedEnd {
  /** MLflow's word for it; null where the run cannot be on the server. */
  readonly status: 'FINISHED' | 'FAILED' | 'KILLED' | null;
  /** What the launcher exits with; left out where it is killed. */
  readonly exitCode?: number;
  /** The reason, in the state, and as a tag where the run is on the server. None may be there where this is left out. */
  readonly reason?: RegExp;
  readonly tags?: Readonly<Record<string, RegExp>>;
  /** True where the folder can take no state any more. */
  readonly isFolderLost?: boolean;
}

/** One row of the table: a fault, what is promised of it, and how it is made. */
export interface FaultRow {
  /** As `make faults ROW=` names it. */
  readonly name: string;
  readonly fault: string;
  /** What holds, stated beforehand, beside what holds for all rows. */
  readonly promise: string;
  /** Whether `make test` runs it. */
  readonly isQuick: boolean;
  readonly engine: 'docker' | 'host';
  /** True where the row does something to the server that others must not see. */
  readonly ownServer?: boolean;
  /** True where the row commits to the project. */
  readonly ownProject?: boolean;
  /** Why the row cannot be run here, or null. */
  readonly cannot?: () => string | null | Promise<string | null>;
  readonly entryPoint?: string;
  readonly parameters?: Readonly<Record<string, string | number>>;
  /** More words of `slipway run`. */
  readonly options?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Runs before the launch. */
  readonly prepare?: (scene: Scene) => Promise<void>;
  /** Runs in place of one ordinary launch. */
  readonly launch?: (scene: Scene) => Promise<void>;
  /** Makes the fault, once the launch has begun, and takes it away again. */
  readonly act?: (scene: Scene) => Promise<void>;
  readonly ends: ExpectedEnd;
  /** Each stands in what the launcher has told: what happened, and what to do. */
  readonly told?: readonly RegExp[];
  /** How many values the run log of a run must hold; by default at least one. */
  readonly values?: number;
  /** The values that no server can take: they may be missing there, and must have been told of. */
  readonly refuses?: (event: WrittenEvent) => boolean;
  /** Artifacts of the run log that cannot be had whole on the server. */
  readonly refusesArtifact?: RegExp;
  /** What else must hold; throws where it does not. */
  readonly check?: (runs: readonly AuditedRun[], scene: Scene) => Promise<void> | void;
  /** How long all of it may take, in seconds; 90 by default. */
  readonly patienceSeconds?: number;
}
