export { attachRun } from './attach.ts';
export { type FoundConfiguration, type LaunchContext, launch } from './launch.ts';
export type { LaunchRequest } from './request.ts';
export { resumeRun } from './resume.ts';
export { type SyncOutcome, syncRun } from './sync-run.ts';
export { findOwnRuns, unsentRuns } from './unsent-runs.ts';
