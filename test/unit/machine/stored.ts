import { freshRecord } from '../../../src/agent/run-context.ts';
import type { RunPlan, RunRecord, StoredRun } from '../../../src/runs/index.ts';
import { runPaths } from '../../../src/runs/index.ts';
import { examplePlan } from '../../support/example-plan.ts';

/** A run as it might be found in a storage: finished and wholly sent, unless said otherwise. */
export function storedRun(
  runId: string,
  changes: { readonly plan?: Partial<RunPlan> | null; readonly state?: Partial<RunRecord> | null } = {},
  storageDirectory = '/storage',
): StoredRun {
  const plan = { ...examplePlan({ runId, projectDirectory: '/project', storageDirectory }), ...changes.plan };
  const settled = { state: 'finished', exitCode: 0, mlflowRunId: 'r1', drained: true, statusSent: true } as const;
  const state: RunRecord = { ...freshRecord, updatedAtMs: 0, ...settled, ...changes.state };
  return {
    runId,
    paths: runPaths(storageDirectory, runId),
    plan: changes.plan === null ? null : plan,
    state: changes.state === null ? null : state,
    problem: null,
  };
}
