import type { RunState } from './runs/state.ts';

/**
 * What happens in a launch, as typed events. The launcher and the agent emit them, `src/report` shows them.
 * The agent appends each as one JSON line to `<run>/logs/agent.log`, so that any later command can watch a run.
 */
export type LaunchEvent = { readonly timeMs: number } & LaunchEventBody;

/** A {@link LaunchEvent} without its time: told apart by `type`. */
export type LaunchEventBody =
  /** A step began. `id` pairs it with its end. */
  | { readonly type: 'step-started'; readonly id: string; readonly title: string }
  /** Something of a running step worth a live line: a build step, a download. `line` is the whole line that said so. */
  | { readonly type: 'step-progress'; readonly id: string; readonly text: string; readonly line?: string }
  | {
      readonly type: 'step-finished';
      readonly id: string;
      readonly title: string;
      readonly durationMs: number;
      /** True where nothing had to be done (an image that was there already). */
      readonly reused?: boolean;
    }
  | { readonly type: 'step-failed'; readonly id: string; readonly title: string; readonly durationMs: number }
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'warning'; readonly text: string }
  /** What someone wants to see who asks how a thing was decided: the mounts of a container, why an image was built. */
  | { readonly type: 'detail'; readonly text: string }
  /** What only someone who looks for a fault wants to see, such as a request to the server; without secrets. */
  | { readonly type: 'debug'; readonly text: string }
  | { readonly type: 'state'; readonly state: RunState }
  /** The run exists on the tracking server. */
  | {
      readonly type: 'registered';
      readonly mlflowRunId: string;
      readonly experimentId: string;
      readonly runName: string;
      readonly url: string;
      /** The experiment's table of runs, with the project's columns. */
      readonly runsUrl: string;
      /** The charts of the experiment's last runs. */
      readonly chartsUrl: string;
    }
  /** A line the program wrote. */
  | { readonly type: 'output'; readonly stream: 'stdout' | 'stderr'; readonly line: string }
  /** One metric value of the run log. */
  | { readonly type: 'metric'; readonly key: string; readonly value: number; readonly step: number }
  /** How far a stage of the program is, from the run log. */
  | {
      readonly type: 'progress';
      readonly stage: string;
      readonly done: number;
      readonly total: number;
      readonly unit: string;
    }
  /** A model version was registered. */
  | { readonly type: 'model'; readonly name: string; readonly version: string; readonly modelId: string | null }
  | { readonly type: 'failure'; readonly message: string; readonly hint?: string }
  | { readonly type: 'result'; readonly result: RunResult };

/** The end of a run: success and failure share one shape. */
export interface RunResult {
  /** The end in MLflow's words; KILLED where someone asked for it. */
  readonly status: 'FINISHED' | 'FAILED' | 'KILLED';
  /** The program's exit code; null where it never ran. */
  readonly exitCode: number | null;
  /** Why it failed or was killed: one sentence; null after success. */
  readonly reason: string | null;
  /** Slipway's own id of the run, as `20261121-034512-k3f9`. */
  readonly runId: string;
  /** As given, or as it was drawn. */
  readonly runName: string;
  /** Its id on the tracking server; null where no server has it yet. */
  readonly mlflowRunId: string | null;
  /** Its page on the tracking server; null where no server has it yet. */
  readonly url: string | null;
  /** The experiment's table of runs, with the project's columns. */
  readonly runsUrl: string | null;
  /** The charts of the experiment's last runs. */
  readonly chartsUrl: string | null;
  /** 1, and one more each time the run was resumed; missing in results of older versions. */
  readonly attempt?: number;
  /** From the launch, or the last resumption, to the program's end. */
  readonly durationMs: number;
  /** Last value by key. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The metric a person looks at first, value by value; null where there is none with more than one value. */
  readonly primaryMetric: {
    readonly key: string;
    readonly values: readonly number[];
    /** The step of each value; missing in results of older versions. */
    readonly steps?: readonly number[];
  } | null;
  /** Versions that were registered. */
  readonly models: readonly {
    readonly name: string;
    readonly version: string;
    /** Its page on the tracking server; missing in results of older versions. */
    readonly url?: string | null;
  }[];
  /** Name of the image it ran in; null on the host. */
  readonly image: string | null;
  /** Absolute folder of the run on this machine, for `readRunLog`. */
  readonly runDirectory: string;
  /** When and how its loss was lost, as `epoch 3: loss is NaN`; null or missing where it was not. */
  readonly diverged?: string | null;
  /** False where something written is not yet on the server. */
  readonly drained: boolean;
  /**
   * True where it is recorded in its folder alone, because no server was to be asked or the named one was away: `slipway
   * sync` brings it there. Missing otherwise.
   */
  readonly offline?: boolean;
  /** What will never be on the server, in a sentence; null or missing where nothing is missing. */
  readonly incomplete?: string | null;
  /** True where the run was deleted on the server: nothing more is sent. */
  readonly deleted?: boolean;
  /** What kind of failure it was (`build`, `program`, `out-of-memory` …); null or missing where there was none. */
  readonly failure?: string | null;
  /** What `slipway run` exits with. */
  readonly exitStatus: number;
}

/** Receives events; must not throw. */
export type EventSink = (event: LaunchEvent) => void;

/** An event as a line of JSON. Numbers that JSON does not have are spelled as in the run log. */
export function launchEventLine(event: LaunchEvent): string {
  return JSON.stringify(event, (_key, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
}
