import { z } from 'zod';

/**
 * Why a run failed. `build`: its image. `start`: its program could not be started. `server`: the tracking server refused the
 * run. `program`: the program's own error. `signal`: a signal ended it that nobody asked Slipway for. `removed`: its
 * container was removed. `engine`: the engine was away for too long. `storage`: its folder cannot be read or written.
 */
export const failureKinds = [
  ...(['build', 'start', 'server', 'program', 'out-of-memory', 'signal'] as const),
  ...(['removed', 'engine', 'storage', 'internal'] as const),
];

export type FailureKind = (typeof failureKinds)[number];

const bytes = z.number().int().nonnegative();

/** A part's number and bytes of it; records of older versions have bytes of the one file that there was. */
const outputPlace = z.union([z.object({ part: bytes, size: bytes }), bytes.transform((size) => ({ part: 0, size }))]);

/** `<run>/state.json`: written by the agent alone, by rename. Everything an agent that adopts the run must know. */
export const runStateSchema = z.object({
  version: z.literal(1),
  state: z.enum([
    'planned',
    'preparing',
    'starting',
    'running',
    'stopping',
    'draining',
    'finished',
    'failed',
    'killed',
  ]),
  /** The attempt that the state is of; that of an earlier one lies in `attempts/<n>/`. */
  attempt: z.number().int().positive().default(1),
  updatedAtMs: z.number().int(),
  startedAtMs: z.number().int().nullable(),
  endedAtMs: z.number().int().nullable(),
  /** The tracking server in use, without user info; null until known, and where there is none. */
  trackingUri: z.string().nullable(),
  experimentId: z.string().nullable(),
  /**
   * True from just before the run is created on the server until its parameters are there: an agent that takes over
   * then looks for the run by its tag first, and sends them again.
   */
  registering: z.boolean(),
  mlflowRunId: z.string().nullable(),
  /** True while the run, or an attempt that resumes it, is recorded in its folder for want of a server. */
  offline: z.boolean().default(false),
  /** The server, without user info, that was named when the run was brought to one later; null where it is the plan's. */
  namedServer: z.string().nullable().default(null),
  /** `artifact_uri` of the MLflow run. */
  artifactUri: z.string().nullable(),
  runUrl: z.string().nullable(),
  image: z
    .object({
      name: z.string(),
      id: z.string(),
      /** Digest of how it was built; null where that is not known. */
      recipe: z.string().nullable().default(null),
    })
    .nullable(),
  /** The experiment's name on the server, by which it is made again; null until known. */
  experimentName: z.string().nullable().default(null),
  /** MLflow runs that this one replaces, because the server came back without them; the oldest first. */
  replacedRunIds: z.array(z.string()).default([]),
  /** When the run was found deleted on the server; from then on nothing is sent. */
  deletedAtMs: z.number().int().nullable().default(null),
  /** What will never be on the server, in a sentence; null where nothing is missing. */
  incomplete: z.string().nullable().default(null),
  /** What the executor needs to find the running program again: a container id, a process id with its start time. */
  handle: z.unknown(),
  /** Where in the parts of its output this attempt's begins. */
  outputStarts: z
    .object({ stdout: outputPlace, stderr: outputPlace })
    .default({ stdout: { part: 0, size: 0 }, stderr: { part: 0, size: 0 } }),
  /** Digests of the notes written to the server: one that has none of them was written by somebody else. */
  noteDigests: z.array(z.string()).default([]),
  stopRequested: z.enum(['polite', 'force']).nullable(),
  stopSignal: z.string().nullable(),
  /** Who asked for the stop, as it ends the sentence "it was stopped …"; null where a signal of the launcher's did. */
  stopBy: z.string().nullable().default(null),
  /** Time between the polite stop and the forced one, where whoever asked named it; null for the plan's. */
  stopGraceMs: z.number().int().nonnegative().nullable().default(null),
  exitCode: z.number().int().nullable(),
  outOfMemory: z.boolean(),
  reason: z.string().nullable(),
  /** What kind of failure it was; null where there was none, and in records of older versions. */
  failure: z.enum(failureKinds).nullable().default(null),
  /** How many agents of the run have failed of themselves: after a few the run is given up. */
  failedAgents: z.number().int().nonnegative().default(0),
  /** What `slipway run` exits with where the program did not decide it; null otherwise. */
  failureExitCode: z.number().int().nullable(),
  drained: z.boolean(),
  /** True once MLflow holds the final status. */
  statusSent: z.boolean(),
});

export type RunRecord = z.infer<typeof runStateSchema>;
