export { ConnectionError, HttpError } from '../http/index.ts';
export { fileList } from './artifact-listing.ts';
export { checkTrackingServer, isHostRefusal } from './check-server.ts';
export { MlflowClient, type MlflowClientOptions, type ServerInfo } from './client.ts';
export { isAlreadyThere, isMissingEndpoint, isNotFound, MlflowApiError } from './errors.ts';
export type { ExperimentQuery, NewExperiment } from './experiments.ts';
export type { LoggedModelQuery, NewLoggedModel } from './logged-models.ts';
export type { ModelVersionQuery, NewModelVersion } from './model-versions.ts';
export type { NewRegisteredModel, RegisteredModelQuery } from './registered-models.ts';
export type { RunInputs } from './run-data.ts';
export type { NewRun, RunChange, RunQuery } from './runs.ts';
export { type Batch, splitBatch } from './split-batch.ts';
export { parseTrackingUri } from './tracking-uri.ts';
export type { MlflowTransport } from './transport.ts';
export type {
  CallOptions,
  Dataset,
  DatasetInput,
  Experiment,
  FileInfo,
  LifecycleStage,
  LoggedModel,
  LoggedModelStatus,
  MetricPoint,
  ModelOutput,
  ModelVersion,
  Page,
  RegisteredModel,
  Run,
  RunData,
  RunInfo,
  RunStatus,
  ViewType,
} from './types.ts';
export {
  experimentUrl,
  loggedModelUrl,
  modelVersionUrl,
  runChartsUrl,
  runsTableUrl,
  runUrl,
  sharedViewKey,
} from './urls.ts';
export { limits, metricProblem, paramProblem, tagProblem } from './validate.ts';
export type { ViewFacts } from './view/facts.ts';
export { nextSharedView, type SharedViewForm, sharedViewForm, sharedViewTag } from './view/shared-view.ts';
