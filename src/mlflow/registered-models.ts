import { z } from 'zod';
import { modelNameProblem } from '../util/model-name.ts';
import { isAlreadyThere } from './errors.ts';
import { paged } from './paging.ts';
import { apiRoot, type MlflowTransport } from './transport.ts';
import type { CallOptions, Page, RegisteredModel, StringRecord } from './types.ts';
import { check, checkRecord, checkText } from './validate.ts';
import { encodePairs, integer, nextPageToken, nothing, pairs } from './wire.ts';

const registeredModel = z
  .object({
    name: z.string(),
    description: z.string().nullish(),
    creation_timestamp: integer.nullish(),
    last_updated_timestamp: integer.nullish(),
    tags: pairs,
    aliases: z.array(z.object({ alias: z.string(), version: z.union([z.string(), z.number()]) })).nullish(),
  })
  .transform(
    (wire): RegisteredModel => ({
      name: wire.name,
      description: wire.description || null,
      creationTimeMs: wire.creation_timestamp ?? null,
      lastUpdateTimeMs: wire.last_updated_timestamp ?? null,
      tags: wire.tags,
      aliases: Object.fromEntries((wire.aliases ?? []).map(({ alias, version }) => [alias, String(version)])),
    }),
  );

const modelReply = z.object({ registered_model: registeredModel });

/** A registered model to be made. */
export interface NewRegisteredModel {
  /** Unique on the server; without `/` and `:`. */
  readonly name: string;
  /** Text for people, in Markdown. */
  readonly description?: string;
  /** Tags it gets at once. */
  readonly tags?: StringRecord;
}

/** Which registered models to search for. */
export interface RegisteredModelQuery {
  /** MLflow's filter language: `name LIKE '%malaria%'`. */
  readonly filter?: string;
  /** As `last_updated_timestamp DESC`, the first counting most. */
  readonly orderBy?: readonly string[];
  /** Models a page: 1 to 1,000. */
  readonly maxResults?: number;
  /** `nextPageToken` of the page before. */
  readonly pageToken?: string;
}

const root = `${apiRoot}/registered-models`;

/** The calls about registered models and their aliases. */
export function registeredModelMethods(transport: MlflowTransport) {
  const methods = {
    /** Makes a registered model; fails where the name is taken. */
    async createRegisteredModel(request: NewRegisteredModel, options?: CallOptions): Promise<RegisteredModel> {
      check(nameProblem(request.name));
      checkRecord(request.tags, 'model tag');
      const body = { name: request.name, description: request.description, tags: encodePairs(request.tags) };
      const call = { method: 'POST', path: `${root}/create`, body, retry: 'safe', reply: modelReply } as const;
      return (await transport.call(call, options)).registered_model;
    },

    /** The registered model of that name, made where there is none; many callers at once get the same one. */
    async ensureRegisteredModel(name: string, options?: CallOptions): Promise<RegisteredModel> {
      try {
        return await methods.createRegisteredModel({ name }, options);
      } catch (error) {
        if (!isAlreadyThere(error)) throw error;
        return methods.getRegisteredModel(name, options);
      }
    },

    /** A registered model with its aliases. */
    async getRegisteredModel(name: string, options?: CallOptions): Promise<RegisteredModel> {
      const call = { method: 'GET', path: `${root}/get`, query: { name }, retry: 'safe', reply: modelReply } as const;
      return (await transport.call(call, options)).registered_model;
    },

    /** One page of registered models. */
    async searchRegisteredModels(
      query: RegisteredModelQuery = {},
      options?: CallOptions,
    ): Promise<Page<RegisteredModel>> {
      const reply = await transport.call(
        {
          method: 'GET',
          path: `${root}/search`,
          query: {
            filter: query.filter,
            max_results: query.maxResults ?? 100,
            order_by: query.orderBy,
            page_token: query.pageToken,
          },
          retry: 'safe',
          reply: z.object({ registered_models: z.array(registeredModel).nullish(), next_page_token: nextPageToken }),
        },
        options,
      );
      return { items: reply.registered_models ?? [], nextPageToken: reply.next_page_token };
    },

    /** All registered models a query finds, page after page. */
    iterateRegisteredModels(query: RegisteredModelQuery = {}, options?: CallOptions): AsyncGenerator<RegisteredModel> {
      return paged((pageToken) => methods.searchRegisteredModels({ ...query, ...pageToken }, options));
    },

    /** Changes description or name. */
    async updateRegisteredModel(
      name: string,
      change: { readonly description?: string; readonly newName?: string },
      options?: CallOptions,
    ): Promise<void> {
      if (change.description !== undefined) {
        const body = { name, description: change.description };
        await send('PATCH', 'update', body, options);
      }
      if (change.newName !== undefined) {
        check(nameProblem(change.newName));
        await transport.call(
          {
            method: 'POST',
            path: `${root}/rename`,
            body: { name, new_name: change.newName },
            // Repeated, it would not find the old name any more.
            retry: 'unsent',
            reply: nothing,
          },
          options,
        );
      }
    },

    /** Deletes a registered model with all its versions. */
    async deleteRegisteredModel(name: string, options?: CallOptions): Promise<void> {
      await send('DELETE', 'delete', { name }, options);
    },

    /** Sets a tag. */
    async setRegisteredModelTag(name: string, key: string, value: string, options?: CallOptions): Promise<void> {
      checkText(value, `The model tag "${key}"`);
      await send('POST', 'set-tag', { name, key, value }, options);
    },

    /** Removes a tag. */
    async deleteRegisteredModelTag(name: string, key: string, options?: CallOptions): Promise<void> {
      await send('DELETE', 'delete-tag', { name, key }, options);
    },

    /** Points an alias to a version; an alias that is there moves. */
    async setModelAlias(name: string, alias: string, version: string, options?: CallOptions): Promise<void> {
      check(aliasProblem(alias));
      await send('POST', 'alias', { name, alias, version }, options);
    },

    /** Removes an alias. */
    async deleteModelAlias(name: string, alias: string, options?: CallOptions): Promise<void> {
      const call = { method: 'DELETE', path: `${root}/alias`, body: { name, alias }, retry: 'safe' } as const;
      await transport.call({ ...call, reply: nothing }, options);
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

export type RegisteredModelMethods = ReturnType<typeof registeredModelMethods>;

function nameProblem(name: string): string | null {
  const problem = modelNameProblem(name);
  return problem === null ? null : `The name of the registered model ${problem}.`;
}

/** Why MLflow would refuse an alias, or null. */
function aliasProblem(alias: string): string | null {
  if (!/^[\p{L}\p{N}_-]{1,255}$/u.test(alias)) {
    return `The alias "${alias}" is not 1 to 255 letters, digits, _ or -.`;
  }
  return /^(latest|v\d+)$/i.test(alias) ? `The alias "${alias}" is reserved by MLflow.` : null;
}
