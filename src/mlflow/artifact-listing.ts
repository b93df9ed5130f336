import { z } from 'zod';
import { apiRoot, type MlflowTransport } from './transport.ts';
import type { CallOptions, FileInfo } from './types.ts';
import { integer } from './wire.ts';

/** Files as MLflow lists them; the size is left out for folders and for empty files. */
export const fileList = z
  .array(z.object({ path: z.string(), is_dir: z.boolean().nullish(), file_size: integer.nullish() }))
  .nullish()
  .transform((files): FileInfo[] =>
    (files ?? []).map(({ path, is_dir, file_size }) => ({
      path,
      isDirectory: is_dir ?? false,
      byteLength: is_dir ? null : (file_size ?? 0),
    })),
  );

/** The files and folders of one folder among a run's artifacts. */
export interface ArtifactListing {
  /** Root of the artifacts, as the server names it. */
  readonly rootUri: string;
  /** Paths relative to the root; a folder that does not exist has none. */
  readonly files: readonly FileInfo[];
}

/** The calls that list artifacts through the server, whatever store they lie in. */
export function artifactListingMethods(transport: MlflowTransport) {
  return {
    /** The files of one folder of a run. */
    async listArtifacts(runId: string, path?: string, options?: CallOptions): Promise<ArtifactListing> {
      const reply = await transport.call(
        {
          method: 'GET',
          path: `${apiRoot}/artifacts/list`,
          query: { run_id: runId, path },
          retry: 'safe',
          reply: z.object({ root_uri: z.string().nullish(), files: fileList }),
        },
        options,
      );
      return { rootUri: reply.root_uri ?? '', files: reply.files };
    },

    /** The files of one folder of a logged model. */
    async listLoggedModelArtifacts(modelId: string, path?: string, options?: CallOptions): Promise<ArtifactListing> {
      const reply = await transport.call(
        {
          method: 'GET',
          path: `${apiRoot}/logged-models/${encodeURIComponent(modelId)}/artifacts/directories`,
          query: { artifact_directory_path: path },
          retry: 'safe',
          reply: z.object({ root_uri: z.string().nullish(), files: fileList }),
        },
        options,
      );
      return { rootUri: reply.root_uri ?? '', files: reply.files };
    },
  };
}

export type ArtifactListingMethods = ReturnType<typeof artifactListingMethods>;
