import { existsSync, statSync } from 'node:fs';
import { lastMetricValues, lastTag, metricHistories } from '../runlog/index.ts';
import { outputParts, outputStreams, type StoredRun } from '../runs/index.ts';
import type { RunState } from '../runs/state.ts';
import { describesModel, primaryMetricKeys } from '../util/primary-metric.ts';
import { bestOf } from './read-metrics.ts';
import type { RecordedRun } from './recorded-run.ts';
import type { RunDetails, RunFolder } from './run-details.ts';

/** What lies of a run on this machine. */
export function describeFolder({ paths, state, problem }: StoredRun): RunFolder {
  const output = outputStreams.flatMap((stream) => outputParts(paths.logs, stream));
  const logs = [...output, paths.agentLog];
  return {
    directory: paths.directory,
    logs: logs.filter((log) => existsSync(log) && statSync(log).size > 0),
    state: state?.state ?? null,
    isOnServer: state?.drained === true,
    problem,
  };
}

/** A run as its folder alone knows it: one that no server has, or whose server is away. */
export async function detailsOfFolder(stored: StoredRun, nowMs: number): Promise<RunDetails> {
  const { plan, state, paths } = stored;
  const last = await lastMetricValues(paths.directory);
  const histories = await metricHistories(paths.directory, Object.keys(last), Number.POSITIVE_INFINITY);
  const metrics = Object.entries(last).map(([key, value]) => {
    const history = histories.get(key);
    return [key, { last: value, lastStep: history?.steps.at(-1) ?? 0, ...bestOf(key, history) }] as const;
  });
  const likely = [
    ...primaryMetricKeys(plan?.project.primaryMetric ?? null),
    ...Object.keys(last).filter(describesModel),
  ];
  const primary = likely.find((key) => (histories.get(key)?.values.length ?? 0) > 1);
  const startedAtMs = plan?.createdAtMs ?? state?.startedAtMs ?? null;
  const endedAtMs = state?.endedAtMs ?? null;
  return {
    server: null,
    run: {
      runName: plan?.runName ?? stored.runId,
      mlflowRunId: state?.mlflowRunId ?? null,
      runId: stored.runId,
      experimentId: state?.experimentId ?? null,
      status: statusOf(state?.state ?? 'planned'),
      isDeleted: false,
      reason: state?.reason ?? null,
      diverged: await lastTag(paths.directory, 'diverged'),
      startedAtMs,
      endedAtMs,
      durationMs: startedAtMs === null ? null : (endedAtMs ?? nowMs) - startedAtMs,
      metrics: last,
      parameters: plan?.parameters ?? {},
      source: {
        commit: plan?.source.commit ?? null,
        branch: plan?.source.branch ?? null,
        isDirty: plan?.source.dirty ?? false,
        repositoryUrl: plan?.source.repositoryUrl ?? null,
        name: plan?.project.uri ?? null,
        entryPoint: plan?.project.entryPoint ?? null,
      },
      owner: plan?.owner.name ?? null,
      host: plan?.host.name ?? null,
      engine: plan?.engine ?? null,
      gpus: plan?.gpus ?? null,
      image: state?.image?.name ?? null,
      url: state?.runUrl ?? null,
    },
    experimentName: plan?.tracking.experimentName ?? null,
    defaultParameters: null,
    programParameters: [],
    metrics: Object.fromEntries(metrics),
    primaryMetric: primary === undefined ? null : { key: primary, ...histories.get(primary)! },
    artifacts: [],
    hasMoreArtifacts: false,
    artifactsProblem: null,
    models: [],
    folder: describeFolder(stored),
    runsUrl: null,
    chartsUrl: null,
    again: null,
  };
}

/** MLflow's word for a state of ours. */
function statusOf(state: RunState): RecordedRun['status'] {
  if (state === 'finished') return 'FINISHED';
  if (state === 'failed') return 'FAILED';
  if (state === 'killed') return 'KILLED';
  return state === 'planned' ? 'SCHEDULED' : 'RUNNING';
}
