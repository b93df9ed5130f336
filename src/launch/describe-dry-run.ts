import { previewEnvironment, previewServer, previewTags, type ServerPreview } from '../agent/preview-run.ts';
import {
  containerOptions,
  type EngineChoice,
  type ImagePreview,
  type ProcessPreview,
  previewImage,
  previewProcess,
} from '../executors/index.ts';
import { type RunPlan, type RunRecord, runPaths } from '../runs/index.ts';
import { ownGroupOf } from '../util/group-folder.ts';

/** What a launch would do: plain JSON, with names of variables and paths of secrets, and no value of either. */
export interface DryRun {
  readonly type: 'dry-run';
  readonly runId: string;
  readonly runName: string;
  /** 1, and more where a run is resumed. */
  readonly attempt: number;
  readonly project: {
    readonly name: string;
    readonly uri: string;
    readonly directory: string;
    readonly entryPoint: string;
  };
  readonly source: RunPlan['source'];
  readonly engine: { readonly name: 'docker' | 'host'; readonly reason: string };
  readonly image: ImagePreview | null;
  readonly container: ContainerPreview | null;
  readonly process: ProcessPreview | null;
  /** As the shell of the program gets it. */
  readonly command: string;
  readonly storage: string;
  readonly runFolder: string;
  readonly gpus: string | null;
  /** Files of variables, with the names in each. */
  readonly envFiles: RunPlan['envFiles'];
  /** Files of secrets, by name. */
  readonly secretFiles: RunPlan['secretFiles'];
  readonly server: ServerPreview;
  readonly configFile: string | null;
  readonly parameters: Readonly<Record<string, string>>;
  /** The tags that the run has when its program starts, but for its note. */
  readonly tags: Readonly<Record<string, string>>;
  readonly registerModel: string | null;
  /** What the launch would tell besides. */
  readonly told: readonly Told[];
}

/** Something that a launch tells before its run begins. */
export interface Told {
  readonly type: 'warning' | 'notice';
  readonly text: string;
}

/** The container that would be made. */
export interface ContainerPreview {
  readonly name: string;
  readonly user: string;
  readonly command: readonly string[];
  /** Names of its variables, but for those of its image. */
  readonly environment: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly mounts: readonly {
    /** A folder, a file or a volume; null for an empty folder in memory. */
    readonly source: string | null;
    readonly target: string;
    readonly readOnly: boolean;
    readonly sizeMiB: number | null;
  }[];
  readonly network: string;
  readonly readOnlyRoot: boolean;
  readonly capabilities: 'none' | 'of the engine';
  readonly limits: {
    readonly cpus: number | null;
    readonly memoryMiB: number | null;
    readonly shmMiB: number | null;
    readonly pids: number | null;
  };
}

/** What a plan is described with. */
export interface DescribeContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly engine: EngineChoice;
  readonly requested: 'docker' | 'host' | 'auto';
  /** Of the run that is resumed; null for a new one. */
  readonly record: RunRecord | null;
  readonly configFile: string | null;
  /** The variables that are handed on, with their values. */
  readonly handed: Readonly<Record<string, string>>;
  readonly told: readonly Told[];
}

/** Describes a plan by the functions that carry it out. Throws what would fail the launch before its program starts. */
export async function describeDryRun(plan: RunPlan, context: DescribeContext): Promise<DryRun> {
  const { engine, record, signal } = context;
  const earlier = plan.attempt > 1 ? (record?.image ?? null) : null;
  const [server, image] = await Promise.all([
    previewServer(plan, record, context),
    engine.docker === undefined ? null : previewImage(engine.docker, plan, earlier, signal),
  ]);
  const variables = previewEnvironment(plan, server, image?.reference ?? null, context.handed);
  const runFolder = runPaths(plan.storage.directory, plan.runId).directory;
  const { name, uri, directory, entryPoint, command } = plan.project;
  return {
    type: 'dry-run',
    runId: plan.runId,
    runName: plan.runName,
    attempt: plan.attempt,
    project: { name, uri, directory, entryPoint },
    source: plan.source,
    engine: { name: plan.engine, reason: reasonOf(context) },
    image,
    container: image === null ? null : previewContainer(plan, image, variables),
    process: image === null ? await previewProcess(plan, runFolder, variables) : null,
    command,
    storage: plan.storage.directory,
    runFolder,
    gpus: plan.gpus,
    envFiles: plan.envFiles,
    secretFiles: plan.secretFiles,
    server,
    configFile: context.configFile,
    parameters: plan.parameters,
    tags: previewTags(plan, image === null ? null : { name: image.reference, id: image.id ?? '<image id>' }),
    registerModel: plan.registerModel,
    told: context.told,
  };
}

function reasonOf({ engine, requested }: DescribeContext): string {
  if (requested !== 'auto') return `asked for with --engine ${requested}`;
  if (engine.docker !== undefined) return `an engine answers at ${engine.docker.endpoint}`;
  return 'no Docker engine answers';
}

function previewContainer(
  plan: RunPlan,
  image: ImagePreview,
  environment: Readonly<Record<string, string>>,
): ContainerPreview {
  const { isStrict } = image;
  const options = containerOptions(plan, {
    imageId: image.id ?? image.reference,
    isStrict,
    environment,
    storageGroup: ownGroupOf(plan.storage.directory),
  });
  return {
    name: options.name ?? '',
    user: options.user ?? '',
    command: options.command ?? [],
    environment: Object.keys(options.environment ?? {}).sort(),
    labels: options.labels ?? {},
    mounts: (options.mounts ?? []).map(({ source, target, readOnly = false, sizeMiB = null }) => ({
      ...{ source, target, readOnly, sizeMiB },
    })),
    network: options.network ?? 'bridge',
    readOnlyRoot: options.readOnlyRoot ?? false,
    capabilities: options.unprivileged === true ? 'none' : 'of the engine',
    limits: {
      cpus: options.cpus ?? null,
      memoryMiB: options.memoryMiB ?? null,
      shmMiB: options.shmMiB ?? null,
      pids: options.pids ?? null,
    },
  };
}
