import { z } from 'zod';
import { paged } from './paging.ts';
import { apiRoot, type MlflowTransport } from './transport.ts';
import type { CallOptions, ModelVersion, Page, StringRecord } from './types.ts';
import { checkRecord, checkText } from './validate.ts';
import { encodePairs, integer, nextPageToken, nothing, pairs } from './wire.ts';

const modelVersion = z
  .object({
    name: z.string(),
    version: z.union([z.string(), z.number()]).transform(String),
    source: z.string().nullish(),
    run_id: z.string().nullish(),
    model_id: z.string().nullish(),
    status: z.string().nullish(),
    description: z.string().nullish(),
    creation_timestamp: integer.nullish(),
    last_updated_timestamp: integer.nullish(),
    tags: pairs,
    aliases: z.array(z.string()).nullish(),
  })
  .transform(
    (wire): ModelVersion => ({
      name: wire.name,
      version: wire.version,
      source: wire.source ?? '',
      runId: wire.run_id || null,
      modelId: wire.model_id || null,
      status: wire.status ?? 'READY',
      description: wire.description || null,
      creationTimeMs: wire.creation_timestamp ?? null,
      lastUpdateTimeMs: wire.last_updated_timestamp ?? null,
      tags: wire.tags,
      aliases: wire.aliases ?? [],
    }),
  );

const versionReply = z.object({ model_version: modelVersion });

/** A version of a registered model to be made. */
export interface NewModelVersion {
  /** The registered model. */
  readonly name: string;
  /** `models:/<model id>` with `modelId` (MLflow 3), or a folder below the run's `artifact_uri`. */
  readonly source: string;
  /** The run that made the model. */
  readonly runId?: string;
  /** The logged model it is a version of; MLflow 3. */
  readonly modelId?: string;
  /** Text for people, in Markdown. */
  readonly description?: string;
  /** Tags it gets at once. */
  readonly tags?: StringRecord;
}

/** Which versions of registered models to search for. */
export interface ModelVersionQuery {
  /** `name = 'malaria'`, `run_id = '…'`. */
  readonly filter?: string;
  /** As `version_number DESC`, the first counting most. */
  readonly orderBy?: readonly string[];
  /** Versions a page: 1 to 200,000. */
  readonly maxResults?: number;
  /** `nextPageToken` of the page before. */
  readonly pageToken?: string;
}

const root = `${apiRoot}/model-versions`;

/** The calls about versions of registered models. */
export function modelVersionMethods(transport: MlflowTransport) {
  const methods = {
    /**
     * Makes the next version. It is not repeated after an unclear failure (a repetition makes one more): search for
     * a tag of your own before you ask again. Make the versions of one logged model one at a time.
     */
    async createModelVersion(request: NewModelVersion, options?: CallOptions): Promise<ModelVersion> {
      checkText(request.source, 'The source of the model version');
      checkRecord(request.tags, 'model version tag');
      const body = {
        name: request.name,
        source: request.source,
        run_id: request.runId,
        model_id: request.modelId,
        description: request.description,
        tags: encodePairs(request.tags),
      };
      const call = { method: 'POST', path: `${root}/create`, body, retry: 'unsent', reply: versionReply } as const;
      return (await transport.call(call, options)).model_version;
    },

    /** One version. */
    async getModelVersion(name: string, version: string, options?: CallOptions): Promise<ModelVersion> {
      const query = { name, version };
      const call = { method: 'GET', path: `${root}/get`, query, retry: 'safe', reply: versionReply } as const;
      return (await transport.call(call, options)).model_version;
    },

    /** The version an alias points to. */
    async getModelVersionByAlias(name: string, alias: string, options?: CallOptions): Promise<ModelVersion> {
      const path = `${apiRoot}/registered-models/alias`;
      const call = { method: 'GET', path, query: { name, alias }, retry: 'safe', reply: versionReply } as const;
      return (await transport.call(call, options)).model_version;
    },

    /** One page of versions; a text is taken for the filter. */
    async searchModelVersions(
      query: ModelVersionQuery | string = {},
      options?: CallOptions,
    ): Promise<Page<ModelVersion>> {
      const { filter, orderBy, maxResults, pageToken } = typeof query === 'string' ? { filter: query } : query;
      const reply = await transport.call(
        {
          method: 'GET',
          path: `${root}/search`,
          query: { filter, max_results: maxResults ?? 10_000, order_by: orderBy, page_token: pageToken },
          retry: 'safe',
          reply: z.object({ model_versions: z.array(modelVersion).nullish(), next_page_token: nextPageToken }),
        },
        options,
      );
      return { items: reply.model_versions ?? [], nextPageToken: reply.next_page_token };
    },

    /** All versions a query finds, page after page. */
    iterateModelVersions(query: ModelVersionQuery = {}, options?: CallOptions): AsyncGenerator<ModelVersion> {
      return paged((pageToken) => methods.searchModelVersions({ ...query, ...pageToken }, options));
    },

    /** Changes the description. */
    async updateModelVersion(
      name: string,
      version: string,
      change: { readonly description: string },
      options?: CallOptions,
    ): Promise<void> {
      checkText(change.description, 'The description');
      await send('PATCH', 'update', { name, version, description: change.description }, options);
    },

    /** Deletes a version. */
    async deleteModelVersion(name: string, version: string, options?: CallOptions): Promise<void> {
      await send('DELETE', 'delete', { name, version }, options);
    },

    /** Sets a tag. */
    async setModelVersionTag(
      name: string,
      version: string,
      key: string,
      value: string,
      options?: CallOptions,
    ): Promise<void> {
      checkText(value, `The model version tag "${key}"`);
      await send('POST', 'set-tag', { name, version, key, value }, options);
    },

    /** Removes a tag. */
    async deleteModelVersionTag(name: string, version: string, key: string, options?: CallOptions): Promise<void> {
      await send('DELETE', 'delete-tag', { name, version, key }, options);
    },

    /** Where the files of a version lie. */
    async modelVersionDownloadUri(name: string, version: string, options?: CallOptions): Promise<string> {
      const reply = await transport.call(
        {
          method: 'GET',
          path: `${root}/get-download-uri`,
          query: { name, version },
          retry: 'safe',
          reply: z.object({ artifact_uri: z.string() }),
        },
        options,
      );
      return reply.artifact_uri;
    },
  };
  return methods;

  async function send(
    method: 'POST' | 'PATCH' | 'DELETE',
    call: string,
    body: unknown,
    options?: CallOptions,
  ): Promise<void> {
    await transport.call({ method, path: `${root}/${call}`, body, retry: 'safe', reply: nothing }, options);
  }
}

export type ModelVersionMethods = ReturnType<typeof modelVersionMethods>;
