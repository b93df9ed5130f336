export { ensureTrackingServer, stopTrackingServer, trackingServerStatus } from './embedded-server.ts';
export { mlflowVersion } from './server-command.ts';
export type {
  EnsureTrackingServerOptions,
  ReadyTrackingServer,
  TrackingServer,
  TrackingServerOptions,
} from './types.ts';
