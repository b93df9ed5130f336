export { type MetricOptions, RunLogAppender, type RunLogAppenderOptions } from './appender.ts';
export { resolveInRunDirectory, runLogEventsDirectory } from './directory.ts';
export {
  type FollowedLines,
  type InvalidEntry,
  type LogEntry,
  RunLogFollower,
  type RunLogFollowerOptions,
} from './follower.ts';
export { runLogJsonSchema } from './json-schema.ts';
export {
  firstHistory,
  lastMetricValues,
  lastReason,
  lastStep,
  lastTag,
  type MetricHistory,
  metricHistories,
  readRunLog,
} from './read.ts';
export * from './schema.ts';
export { decodeMetricValue, type EncodedValue, encodeMetricValue } from './values.ts';
export { listWriters, listWritersSync, writerFileName } from './writers.ts';
