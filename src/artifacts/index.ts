export { type OpenArtifactStoreOptions, openArtifactStore } from './open-artifact-store.ts';
export type { ArtifactStore, DirectoryOptions, TransferOptions, TransferProgress } from './types.ts';
