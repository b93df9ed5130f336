import { parseTrackingUri } from '../mlflow/tracking-uri.ts';
import { chooseExperiment, type Project, type ResolvedParameters } from '../project/index.ts';
import type { RunPlan } from '../runs/plan.ts';
import type { Source } from '../source/index.ts';
import { asModelName } from '../util/model-name.ts';
import type { LaunchRequest } from './request.ts';

/** Everything found out about a launch before it is planned. */
export interface LaunchFacts {
  readonly runId: string;
  readonly runName: string;
  readonly createdAtMs: number;
  readonly owner: RunPlan['owner'];
  readonly host: RunPlan['host'];
  readonly project: Project;
  /** As the person named it: its folder, or its address in a repository. */
  readonly projectUri: string;
  readonly parameters: ResolvedParameters;
  readonly command: string;
  /** `project_name` of the configuration file; null where there is none. */
  readonly configuredProjectName: string | null;
  readonly source: Source;
  readonly treeHash: string | null;
  readonly engine: 'docker' | 'host';
  readonly storageDirectory: string;
  readonly imageReference: string;
  readonly baseImage: string;
  readonly envFiles: RunPlan['envFiles'];
  readonly secretFiles: RunPlan['secretFiles'];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Draws the plan: a pure function of the request and the facts. */
export function drawPlan(request: LaunchRequest, facts: LaunchFacts): RunPlan {
  const { project, source, environment } = facts;
  return {
    version: 1,
    runId: facts.runId,
    runName: facts.runName,
    createdAtMs: facts.createdAtMs,
    attempt: 1,
    resumedAtMs: null,
    logStarts: {},
    owner: facts.owner,
    host: facts.host,
    project: {
      name: project.name,
      directory: project.directory,
      uri: facts.projectUri,
      version: request.version,
      entryPoint: request.entryPoint,
      command: facts.command,
      dockerImage: project.docker?.image ?? null,
      volumes: (project.docker?.volumes ?? []).filter((volume) => !isStorageVolume(volume)),
      environment: { ...project.docker?.environment },
      primaryMetric: project.primaryMetric,
    },
    parameters: facts.parameters.logged,
    source: {
      commit: source.commit,
      branch: source.branch,
      repositoryUrl: source.repositoryUrl,
      dirty: source.dirty,
      treeHash: facts.treeHash,
    },
    engine: facts.engine,
    gpus: request.gpus,
    image: {
      reference: facts.imageReference,
      base: facts.baseImage,
      flavor: request.gpus === null ? 'cpu' : 'gpu',
    },
    tracking: {
      uri: environment.MLFLOW_TRACKING_URI ? parseTrackingUri(environment.MLFLOW_TRACKING_URI).uri : null,
      ...chooseExperiment(request, environment, {
        ...project,
        projectName: facts.configuredProjectName ?? project.projectName,
      }),
      restoreExperiment: request.restoreExperiment,
      offline: request.offline,
    },
    registerModel: chooseModel(request, project),
    storage: { directory: facts.storageDirectory },
    limits: { cpus: request.cpus, memoryMiB: request.memoryMiB, shmMiB: request.shmMiB, pids: request.pids },
    passEnvironment: [...request.passEnvironment],
    envFiles: facts.envFiles,
    secretFiles: facts.secretFiles,
    tags: {},
    drainTimeoutMs: request.drainTimeoutMs,
    stopGraceMs: request.stopGraceMs,
    systemMetricsIntervalMs: request.systemMetricsIntervalMs,
  };
}

/** `source:/storage[:mode]`: the storage folder takes its place. */
function isStorageVolume(volume: string): boolean {
  return volume.split(':')[1]?.replace(/\/+$/, '') === '/storage';
}

/** The flag (an empty one means none), else what the MLproject says, else the project's name, made one of a model. */
function chooseModel(request: LaunchRequest, project: Project): string | null {
  if (request.registerModel !== null) return request.registerModel === '' ? null : request.registerModel;
  return project.registerModel === false ? null : (project.registerModel ?? asModelName(project.name));
}
