export type { StreamOptions, StreamStatus } from './types.ts';
export { RunStream } from './run-stream.ts';
