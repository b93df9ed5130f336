import { ExitCode } from '../errors.ts';
import type { RunResult } from '../events.ts';
import { modelVersionUrl, runChartsUrl, runsTableUrl } from '../mlflow/index.ts';
import { firstHistory, lastMetricValues, lastTag } from '../runlog/index.ts';
import { describesModel, primaryMetricKeys } from '../util/primary-metric.ts';
import { readJournal } from './journal.ts';
import type { RunContext } from './run-context.ts';

const signalExitCodes: Readonly<Record<string, number>> = {
  SIGINT: ExitCode.interrupted,
  SIGTERM: ExitCode.terminated,
};

/** The run's end as everyone is told it, from what lies in the run folder: the same after an adoption. */
export async function summarize(run: RunContext): Promise<RunResult> {
  const { plan, record } = run;
  const metrics = await lastMetricValues(run.paths.directory);
  return {
    status: statusOf(run),
    exitCode: record.exitCode,
    reason: record.reason,
    // Without a server there is nobody else who has heard of it.
    diverged: run.diverged ?? (await lastTag(run.paths.directory, 'diverged')),
    runId: plan.runId,
    attempt: plan.attempt,
    runName: plan.runName,
    mlflowRunId: record.mlflowRunId,
    url: record.runUrl,
    ...comparisonUrls(run),
    // Never negative, whatever became of the clock.
    durationMs: Math.max(0, (record.endedAtMs ?? Date.now()) - (plan.resumedAtMs ?? plan.createdAtMs)),
    metrics,
    primaryMetric: await primaryMetric(run, Object.keys(metrics)),
    models: registeredModels(run),
    image: record.image?.name ?? null,
    runDirectory: run.paths.directory,
    drained: record.drained,
    failure: record.failure,
    incomplete: record.incomplete,
    deleted: record.deletedAtMs !== null,
    ...(isRecordedOnly(run) ? { offline: true } : {}),
    exitStatus: exitStatus(run),
  };
}

/** Whether it waits in its folder for a server that is known: none was to be asked, or the named one was away. */
function isRecordedOnly({ plan, record }: RunContext): boolean {
  return record.offline && (plan.tracking.uri !== null || plan.tracking.offline === 'always');
}

/** Where the run stands beside the others of its experiment. */
function comparisonUrls({ record }: RunContext): Pick<RunResult, 'runsUrl' | 'chartsUrl'> {
  const { trackingUri, experimentId, mlflowRunId } = record;
  if (trackingUri === null || experimentId === null || mlflowRunId === null) return { runsUrl: null, chartsUrl: null };
  return { runsUrl: runsTableUrl(trackingUri, experimentId), chartsUrl: runChartsUrl(trackingUri, experimentId) };
}

/** MLflow's word for the end. Someone's wish to stop it comes before the exit code that it caused. */
export function statusOf(run: RunContext): RunResult['status'] {
  if (run.record.stopRequested !== null) return 'KILLED';
  return run.record.reason === null && run.record.exitCode === 0 ? 'FINISHED' : 'FAILED';
}

function exitStatus(run: RunContext): number {
  const { record } = run;
  if (record.stopRequested !== null) return signalExitCodes[record.stopSignal ?? ''] ?? ExitCode.interrupted;
  if (record.failureExitCode !== null) return record.failureExitCode;
  if (record.exitCode !== null && record.exitCode !== 0) return record.exitCode;
  if (record.reason !== null) return ExitCode.failed;
  if (record.incomplete !== null) return ExitCode.notDrained;
  return record.drained || record.mlflowRunId === null || record.offline ? ExitCode.ok : ExitCode.notDrained;
}

/** The first of the metrics that people look at first, else any: a program may call its own what it likes. */
async function primaryMetric(run: RunContext, logged: readonly string[]): Promise<RunResult['primaryMetric']> {
  const likely = primaryMetricKeys(run.plan.project.primaryMetric);
  const keys = [...likely, ...logged.filter((key) => describesModel(key) && !likely.includes(key))];
  return firstHistory(run.paths.directory, keys);
}

function registeredModels(run: RunContext): RunResult['models'] {
  const { trackingUri } = run.record;
  const models = new Map<string, RunResult['models'][number]>();
  for (const event of readJournal(run.paths.agentLog)) {
    if (event.type !== 'model') continue;
    const { name, version } = event;
    const url = trackingUri === null ? null : modelVersionUrl(trackingUri, name, version);
    models.set(`${name}/${version}`, { name, version, url });
  }
  return [...models.values()];
}
