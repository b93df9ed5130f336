export type { TrackingServer } from './types.ts';
export { ensureTrackingServer, stopTrackingServer, trackingServerStatus } from './embedded-server.ts';
