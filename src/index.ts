export { type ArtifactStore, openArtifactStore } from './artifacts/index.ts';
export { SlipwayError, UnavailableError, UsageError } from './errors.ts';
export * from './mlflow/index.ts';
