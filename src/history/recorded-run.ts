import { type Run, type RunStatus, runUrl } from '../mlflow/index.ts';
import { isSystemMetric } from '../util/system-metric.ts';

/** A run as the tracking server remembers it, whoever made it. Times are milliseconds since 1970. */
export interface RecordedRun {
  readonly runName: string;
  readonly mlflowRunId: string;
  /** Slipway's own id; null for a run that something else made. */
  readonly runId: string | null;
  readonly experimentId: string;
  readonly status: RunStatus;
  readonly isDeleted: boolean;
  /** Why it failed or was killed; null where the server does not know. */
  readonly reason: string | null;
  /** When and how its loss was lost, as `epoch 3: loss is NaN`; null where it was not. */
  readonly diverged: string | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  /** From start to end, for a run that goes on until now; null where the start is not known. */
  readonly durationMs: number | null;
  /** The last value of each metric, without those of the machine. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly parameters: Readonly<Record<string, string>>;
  readonly source: {
    readonly commit: string | null;
    readonly branch: string | null;
    readonly isDirty: boolean;
    readonly repositoryUrl: string | null;
    /** The project's folder or address, or the script. */
    readonly name: string | null;
    readonly entryPoint: string | null;
  };
  /** Who started it, and where. */
  readonly owner: string | null;
  readonly host: string | null;
  readonly engine: string | null;
  /** As it was asked for; null for none. */
  readonly gpus: string | null;
  readonly image: string | null;
  /** Its page. */
  readonly url: string;
}

/** Reads a run of the server into what people look back at. */
export function toRecordedRun(run: Run, trackingUri: string, nowMs: number): RecordedRun {
  const { info, data } = run;
  const tag = (...names: readonly string[]): string | null =>
    names.map((name) => data.tags[name]).find(Boolean) ?? null;
  const startedAtMs = info.startTimeMs || null;
  const gpus = tag('gpu');
  return {
    runName: info.runName || (tag('mlflow.runName') ?? ''),
    mlflowRunId: info.runId,
    runId: tag('slipway.id'),
    experimentId: info.experimentId,
    status: info.status,
    isDeleted: info.lifecycleStage === 'deleted',
    reason: tag('slipway.reason'),
    diverged: tag('diverged'),
    startedAtMs,
    // One that is resumed still has the end of the attempt before.
    endedAtMs: info.status === 'RUNNING' ? null : info.endTimeMs,
    durationMs: durationOf(run, startedAtMs, nowMs),
    metrics: Object.fromEntries(Object.entries(data.metrics).filter(([key]) => !isSystemMetric(key))),
    parameters: withGrownEpochs(data),
    source: {
      commit: tag('mlflow.source.git.commit'),
      branch: tag('mlflow.source.git.branch', 'mlflow.gitBranchName'),
      isDirty: tag('mlflow.source.git.dirty', 'dirty') === 'true',
      repositoryUrl: tag('mlflow.source.git.repoURL', 'mlflow.gitRepoURL'),
      name: tag('mlflow.source.name'),
      entryPoint: tag('mlflow.project.entryPoint'),
    },
    owner: tag('mlflow.user'),
    host: tag('slipway.host'),
    engine: tag('slipway.engine', 'mlflow.project.env'),
    gpus: gpus === 'none' ? null : gpus,
    image: tag('mlflow.docker.image.uri', 'image'),
    url: runUrl(trackingUri, info.experimentId, info.runId),
  };
}

/** Parameters never change on the server: the epochs that a run was resumed with stand in a tag. */
function withGrownEpochs({ params, tags }: Run['data']): Readonly<Record<string, string>> {
  const epochs = tags['slipway.param_conflict.epochs'];
  return tags['slipway.resumed'] === undefined || epochs === undefined ? params : { ...params, epochs };
}

function durationOf({ info }: Run, startedAtMs: number | null, nowMs: number): number | null {
  if (startedAtMs === null) return null;
  if (info.endTimeMs !== null && info.status !== 'RUNNING') return Math.max(0, info.endTimeMs - startedAtMs);
  return info.status === 'RUNNING' ? Math.max(0, nowMs - startedAtMs) : null;
}
