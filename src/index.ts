/**
 * Slipway as a library: launch runs, speak to MLflow, read what a run has logged.
 *
 * @module slipway
 */
export {
  type ArtifactStore,
  type DirectoryOptions,
  type OpenArtifactStoreOptions,
  openArtifactStore,
  type TransferOptions,
  type TransferProgress,
} from './artifacts/index.ts';
export { CannotWriteError, SlipwayError, type SlipwayErrorOptions, UnavailableError, UsageError } from './errors.ts';
export type { EventSink, LaunchEvent, LaunchEventBody, RunResult } from './events.ts';
export {
  ConnectionError,
  type ConnectionFailure,
  HttpError,
  type HttpErrorOptions,
  type RetryRules,
} from './http/index.ts';
export { launch } from './library/launch.ts';
export type { LaunchOptions } from './library/launch-options.ts';
export { type ReadRunLogOptions, readRunLog } from './library/run-log.ts';
export type * from './library/run-log-events.ts';
export * from './mlflow/public.ts';
export type { RunState } from './runs/state.ts';
export type { HttpExchange, OnExchange } from './util/http-exchange.ts';
