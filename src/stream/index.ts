export { paramConflictTag } from './params.ts';
export { RunStream } from './run-stream.ts';
export { forgetAcknowledged } from './sync-store.ts';
export type { StreamCheckpoint, StreamOptions, StreamStatus } from './types.ts';
