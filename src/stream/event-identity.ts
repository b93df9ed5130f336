import type { LogEntry } from '../runlog/index.ts';

/** The tag by which what an event made on the server is found again: an event makes nothing twice. */
export const eventTag = 'slipway.event';

/** The identity of an event on the server: `<MLflow run id>/<writer>:<byte offset>`. */
export function eventIdentity(mlflowRunId: string, entry: LogEntry): string {
  return `${mlflowRunId}/${entry.writer}:${entry.offset}`;
}
