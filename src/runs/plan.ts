import { z } from 'zod';

/** As often as MLflow samples by itself. */
export const usualSystemMetricsIntervalMs = 10_000;

/**
 * What will run: drawn up by the launcher, written once an attempt as `<run>/plan.json`, carried out by the agent.
 * A pure value: no secret is in it, only the names of environment variables that hold them.
 */
export const planSchema = z.object({
  version: z.literal(1),
  runId: z.string(),
  runName: z.string(),
  createdAtMs: z.number().int(),
  /** 1, and one more each time the run is resumed. */
  attempt: z.number().int().positive().default(1),
  /** When this attempt was asked for; null for the first one. */
  resumedAtMs: z.number().int().nullable().default(null),
  /** Bytes that each log held before this attempt, by its path in the run folder: who watches the attempt begins there. */
  logStarts: z.record(z.string(), z.number().int().nonnegative()).default({}),
  /** Who launched it, and on which machine: only they adopt it. */
  owner: z.object({ uid: z.number().int(), gid: z.number().int(), name: z.string() }),
  host: z.object({ name: z.string(), machineId: z.string() }),
  project: z.object({
    /** The MLproject's name; the image's repository and the default registered model. */
    name: z.string(),
    /** Absolute folder of the MLproject on this machine. */
    directory: z.string(),
    /** As the person named it, for the tag `mlflow.source.name`. */
    uri: z.string(),
    /** The branch, tag or commit that was asked for; null for the default branch, and for a folder. */
    version: z.string().nullable().default(null),
    entryPoint: z.string(),
    /** The entry point's command with its parameters filled in and quoted for a POSIX shell inside the container. */
    command: z.string(),
    /** `docker_env.image` of the MLproject, where it has one. */
    dockerImage: z.string().nullable(),
    /** `docker_env.volumes`, as written, less one for /storage. */
    volumes: z.array(z.string()),
    /** `docker_env.environment`: a value, or null where it is copied from the launcher's environment. */
    environment: z.record(z.string(), z.string().nullable()),
    /** The metric a person looks at first, as the MLproject names it. */
    primaryMetric: z.string().nullable().default(null),
  }),
  /** Parameters as typed or by default, in the MLproject's order. */
  parameters: z.record(z.string(), z.string()),
  source: z.object({
    /** 40 hexadecimal digits; null outside git. */
    commit: z.string().nullable(),
    branch: z.string().nullable(),
    /** Without user info. */
    repositoryUrl: z.string().nullable(),
    dirty: z.boolean(),
    /** Digest of the working tree where it is dirty or outside git. */
    treeHash: z.string().nullable(),
  }),
  engine: z.enum(['docker', 'host']),
  /** As for `docker run --gpus`: `all`, a count, or `device=0,1`; null for none. */
  gpus: z.string().nullable(),
  image: z.object({
    /** Repository and tag the image gets: `<project>:<commit>…`. */
    reference: z.string(),
    /** The base image as asked for. */
    base: z.string(),
    flavor: z.enum(['cpu', 'gpu']),
  }),
  tracking: z.object({
    /** The server named by the person; null for the embedded one. May hold no user info (that goes to the environment). */
    uri: z.string().nullable(),
    experimentName: z.string().nullable(),
    experimentId: z.string().nullable(),
    /** Whether an experiment that was deleted is brought back. */
    restoreExperiment: z.boolean().default(false),
    /**
     * `always`: no server is spoken to, and the run is recorded in its folder until it is brought to one. `allowed`: it
     * begins so where the server is away, which is tried again while it runs. `never`: it fails then.
     */
    offline: z.enum(['never', 'allowed', 'always']).default('never'),
  }),
  /** Registered model name; null where nothing is to be registered. */
  registerModel: z.string().nullable(),
  storage: z.object({
    /** Absolute folder on this machine; mounted at /storage where there are containers. */
    directory: z.string(),
  }),
  limits: z.object({
    cpus: z.number().positive().nullable(),
    memoryMiB: z.number().int().positive().nullable(),
    shmMiB: z.number().int().positive().nullable(),
    pids: z.number().int().positive(),
  }),
  /** Names of environment variables handed from the launcher's environment to the program (`--env NAME`). */
  passEnvironment: z.array(z.string()),
  /** Files of variables (`--env-file`), absolute, in order, with the names of the variables in each: no values. */
  envFiles: z.record(z.string(), z.array(z.string())).default({}),
  /** Files of secrets (`--secret NAME=FILE`), absolute, by name. */
  secretFiles: z.record(z.string(), z.string()).default({}),
  /** Extra tags of the run. */
  tags: z.record(z.string(), z.string()),
  /** How long `slipway run` waits for the last values after the program's end. */
  drainTimeoutMs: z.number().int().nonnegative(),
  /** Time between the polite stop and the forced one. */
  stopGraceMs: z.number().int().nonnegative(),
  /** Time between two samples of what the program uses; 0 for none. */
  systemMetricsIntervalMs: z.number().int().nonnegative().default(usualSystemMetricsIntervalMs),
});

export type RunPlan = z.infer<typeof planSchema>;
