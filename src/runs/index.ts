export { attemptMarker, keepPlan, keepState, logStarts, planOfAttempt } from './attempts.ts';
export { readPlan, readState, writePlan, writeState } from './documents.ts';
export {
  findRun,
  findRunIfAny,
  isSettled,
  listRuns,
  listUnsettledRuns,
  readStoredRun,
  type StoredRun,
} from './find.ts';
export {
  type OutputPlace,
  type OutputStream,
  outputLine,
  outputPartName,
  outputPartNumber,
  outputParts,
  outputStreams,
  parseOutputLine,
} from './output-log.ts';
export { type RunPaths, runPaths, runPathsOf, runsDirectory } from './paths.ts';
export { planSchema, type RunPlan } from './plan.ts';
export { planOptions, usualPids } from './plan-options.ts';
export { createRunDirectory, drawRunId, isRunId, makeRunFolders } from './run-directory.ts';
export { type FailureKind, failureKinds, type RunRecord, runStateSchema } from './run-state.ts';
export { isFinal, type RunState } from './state.ts';
export { removeUnfinished } from './unfinished.ts';
