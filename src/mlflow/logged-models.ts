import { z } from 'zod';
import { paged } from './paging.ts';
import { apiRoot, type MlflowTransport } from './transport.ts';
import type { CallOptions, LoggedModel, LoggedModelStatus, Page, StringRecord } from './types.ts';
import { check, checkOneOf, checkRecord, paramProblem } from './validate.ts';
import { encodePairs, integer, metrics, nextPageToken, nothing, pairs } from './wire.ts';

const statusPrefix = 'LOGGED_MODEL_';
const statuses: Readonly<Record<string, LoggedModelStatus>> = {
  LOGGED_MODEL_PENDING: 'PENDING',
  LOGGED_MODEL_READY: 'READY',
  LOGGED_MODEL_UPLOAD_FAILED: 'UPLOAD_FAILED',
};

const loggedModel = z
  .object({
    info: z.object({
      model_id: z.string(),
      experiment_id: z.string(),
      name: z.string().nullish(),
      artifact_uri: z.string().nullish(),
      status: z.string().nullish(),
      model_type: z.string().nullish(),
      source_run_id: z.string().nullish(),
      creation_timestamp_ms: integer.nullish(),
      last_updated_timestamp_ms: integer.nullish(),
      tags: pairs,
    }),
    data: z.object({ params: pairs, metrics }).nullish(),
  })
  .transform(
    ({ info, data }): LoggedModel => ({
      modelId: info.model_id,
      experimentId: info.experiment_id,
      name: info.name ?? '',
      artifactUri: info.artifact_uri ?? '',
      status: statuses[info.status ?? ''] ?? 'UNSPECIFIED',
      modelType: info.model_type || null,
      sourceRunId: info.source_run_id || null,
      creationTimeMs: info.creation_timestamp_ms ?? 0,
      lastUpdateTimeMs: info.last_updated_timestamp_ms ?? 0,
      params: data?.params ?? {},
      tags: info.tags,
      metrics: data?.metrics ?? [],
    }),
  );

const modelReply = z.object({ model: loggedModel });

/** A logged model to be made; MLflow 3. */
export interface NewLoggedModel {
  /** The experiment it belongs to. */
  readonly experimentId: string;
  /** Without `/ : . % " '`. */
  readonly name: string;
  /** The run that made it. */
  readonly sourceRunId?: string;
  /** What kind of model it is, in words of your own. */
  readonly modelType?: string;
  /** Parameters it was made with. */
  readonly params?: StringRecord;
  /** Tags it gets at once. */
  readonly tags?: StringRecord;
}

/** Which logged models to search for; MLflow 3. */
export interface LoggedModelQuery {
  /** In these experiments. */
  readonly experimentIds: readonly string[];
  /** MLflow's filter language: `metrics.test_auc > 0.9`. */
  readonly filter?: string;
  /** Only metrics measured on these count for `filter` and `orderBy`. */
  readonly datasets?: readonly { readonly name: string; readonly digest?: string }[];
  /** The first counting most; ascending by default. */
  readonly orderBy?: readonly { readonly field: string; readonly isAscending?: boolean }[];
  /** Models a page: 1 to 50. */
  readonly maxResults?: number;
  /** `nextPageToken` of the page before. */
  readonly pageToken?: string;
}

const root = `${apiRoot}/logged-models`;
/** The server takes so many params in one request. */
const paramsPerRequest = 100;

/** The calls about logged models (MLflow 3). */
export function loggedModelMethods(transport: MlflowTransport) {
  const methods = {
    /** Makes a logged model in status PENDING. It is not repeated after an unclear failure. */
    async createLoggedModel(request: NewLoggedModel, options?: CallOptions): Promise<LoggedModel> {
      check(nameProblem(request.name));
      checkParams(request.params);
      checkRecord(request.tags, 'model tag');
      const params = encodePairs(request.params);
      const { model } = await transport.call(
        {
          method: 'POST',
          path: root,
          body: {
            experiment_id: request.experimentId,
            name: request.name,
            model_type: request.modelType,
            source_run_id: request.sourceRunId,
            params: params.slice(0, paramsPerRequest),
            tags: encodePairs(request.tags),
          },
          retry: 'unsent',
          reply: modelReply,
        },
        options,
      );
      if (params.length <= paramsPerRequest) return model;
      await sendParams(model.modelId, params.slice(paramsPerRequest), options);
      return { ...model, params: { ...request.params } };
    },

    /** A logged model with its params, tags and metrics. */
    async getLoggedModel(modelId: string, options?: CallOptions): Promise<LoggedModel> {
      const call = { method: 'GET', path: pathOf(modelId), retry: 'safe', reply: modelReply } as const;
      return (await transport.call(call, options)).model;
    },

    /** Says that all files are there, or that they could not be uploaded. */
    async finalizeLoggedModel(
      modelId: string,
      status: 'READY' | 'UPLOAD_FAILED',
      options?: CallOptions,
    ): Promise<LoggedModel> {
      checkOneOf(status, ['READY', 'UPLOAD_FAILED'], 'The status of the model');
      const body = { model_id: modelId, status: `${statusPrefix}${status}` };
      const call = { method: 'PATCH', path: pathOf(modelId), body, retry: 'safe', reply: modelReply } as const;
      return (await transport.call(call, options)).model;
    },

    /** Sets tags. */
    async setLoggedModelTags(modelId: string, tags: StringRecord, options?: CallOptions): Promise<void> {
      checkRecord(tags, 'model tag');
      const body = { model_id: modelId, tags: encodePairs(tags) };
      const path = `${pathOf(modelId)}/tags`;
      await transport.call({ method: 'PATCH', path, body, retry: 'safe', reply: nothing }, options);
    },

    /** Removes a tag. */
    async deleteLoggedModelTag(modelId: string, key: string, options?: CallOptions): Promise<void> {
      const path = `${pathOf(modelId)}/tags/${encodeURIComponent(key)}`;
      await transport.call({ method: 'DELETE', path, retry: 'safe', reply: nothing }, options);
    },

    /** Adds params; a key that is there already is refused. */
    async logLoggedModelParams(modelId: string, params: StringRecord, options?: CallOptions): Promise<void> {
      checkParams(params);
      await sendParams(modelId, encodePairs(params), options);
    },

    /** One page of logged models. */
    async searchLoggedModels(query: LoggedModelQuery, options?: CallOptions): Promise<Page<LoggedModel>> {
      const reply = await transport.call(
        {
          method: 'POST',
          path: `${root}/search`,
          body: {
            experiment_ids: query.experimentIds,
            filter: query.filter,
            datasets: query.datasets?.map(({ name, digest }) => ({ dataset_name: name, dataset_digest: digest })),
            order_by: query.orderBy?.map(({ field, isAscending }) => ({
              field_name: field,
              ascending: isAscending ?? true,
            })),
            max_results: query.maxResults ?? 50,
            page_token: query.pageToken,
          },
          retry: 'safe',
          reply: z.object({ models: z.array(loggedModel).nullish(), next_page_token: nextPageToken }),
        },
        options,
      );
      return { items: reply.models ?? [], nextPageToken: reply.next_page_token };
    },

    /** All logged models a query finds, page after page. */
    iterateLoggedModels(query: LoggedModelQuery, options?: CallOptions): AsyncGenerator<LoggedModel> {
      return paged((pageToken) => methods.searchLoggedModels({ ...query, ...pageToken }, options));
    },

    /** Deletes a logged model. */
    async deleteLoggedModel(modelId: string, options?: CallOptions): Promise<void> {
      await transport.call({ method: 'DELETE', path: pathOf(modelId), retry: 'safe', reply: nothing }, options);
    },
  };
  return methods;

  async function sendParams(
    modelId: string,
    params: readonly { key: string; value: string }[],
    options?: CallOptions,
  ): Promise<void> {
    for (let start = 0; start < params.length; start += paramsPerRequest) {
      const body = { model_id: modelId, params: params.slice(start, start + paramsPerRequest) };
      const path = `${pathOf(modelId)}/params`;
      // A repeated key is refused, so a repetition after an unclear failure would look like a conflict.
      await transport.call({ method: 'POST', path, body, retry: 'unsent', reply: nothing }, options);
    }
  }
}

export type LoggedModelMethods = ReturnType<typeof loggedModelMethods>;

function pathOf(modelId: string): string {
  return `${root}/${encodeURIComponent(modelId)}`;
}

function checkParams(params: StringRecord = {}): void {
  for (const [key, value] of Object.entries(params)) check(paramProblem(key, value));
}

function nameProblem(name: string): string | null {
  if (typeof name !== 'string' || name === '') return 'The logged model has no name.';
  return /[/:.%"']/.test(name) ? `The name of the logged model "${name}" has one of the characters / : . % " '.` : null;
}
