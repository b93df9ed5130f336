// What of the client is part of the library. index.ts has more, for the rooms of this house.
export type { ArtifactListing } from './artifact-listing.ts';
export { checkTrackingServer } from './check-server.ts';
export { MlflowClient, type MlflowClientOptions, type ServerInfo } from './client.ts';
export { isAlreadyThere, isMissingEndpoint, isNotFound, MlflowApiError } from './errors.ts';
export type { ExperimentQuery, NewExperiment } from './experiments.ts';
export type { LoggedModelQuery, NewLoggedModel } from './logged-models.ts';
export type { ModelVersionQuery, NewModelVersion } from './model-versions.ts';
export type { NewRegisteredModel, RegisteredModelQuery } from './registered-models.ts';
export type { RunInputs } from './run-data.ts';
export type { NewRun, RunChange, RunQuery } from './runs.ts';
export { type Batch, splitBatch } from './split-batch.ts';
export { parseTrackingUri, type TrackingUri } from './tracking-uri.ts';
export type * from './types.ts';
export {
  experimentUrl,
  loggedModelUrl,
  modelVersionUrl,
  runChartsUrl,
  runsTableUrl,
  runUrl,
} from './urls.ts';
export { limits, metricProblem, paramProblem, tagProblem } from './validate.ts';
