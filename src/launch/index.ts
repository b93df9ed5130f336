export { attachRun } from './attach.ts';
export type { DetachedRun } from './hand-over.ts';
export { type FoundConfiguration, type LaunchContext, launch, launchDetached } from './launch.ts';
export type { LaunchRequest } from './request.ts';
export { resumeDetached, resumeRun } from './resume.ts';
export { type SyncOutcome, syncRun } from './sync-run.ts';
export { findOwnRuns, unsentRuns } from './unsent-runs.ts';
