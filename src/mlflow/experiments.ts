import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { quoteForShell } from '../util/quote-for-shell.ts';
import { isAlreadyThere, isNotFound } from './errors.ts';
import { paged } from './paging.ts';
import { apiRoot, type MlflowTransport } from './transport.ts';
import type { CallOptions, Experiment, Page, StringRecord, ViewType } from './types.ts';
import { checkRecord, checkText, limits } from './validate.ts';
import { encodePairs, integer, nextPageToken, nothing, pairs } from './wire.ts';

const experiment = z
  .object({
    experiment_id: z.string(),
    name: z.string().nullish(),
    artifact_location: z.string().nullish(),
    lifecycle_stage: z.enum(['active', 'deleted']).nullish(),
    creation_time: integer.nullish(),
    last_update_time: integer.nullish(),
    tags: pairs,
  })
  .transform(
    (wire): Experiment => ({
      experimentId: wire.experiment_id,
      name: wire.name ?? '',
      artifactLocation: wire.artifact_location ?? '',
      lifecycleStage: wire.lifecycle_stage ?? 'active',
      creationTimeMs: wire.creation_time ?? null,
      lastUpdateTimeMs: wire.last_update_time ?? null,
      tags: wire.tags,
    }),
  );

/** An experiment to be made. */
export interface NewExperiment {
  /** Up to 500 characters; unique on the server. */
  readonly name: string;
  /** Root of its runs' artifacts; the server's own by default. */
  readonly artifactLocation?: string;
  /** Tags it gets at once. */
  readonly tags?: StringRecord;
}

/** Which experiments to search for. */
export interface ExperimentQuery {
  /** MLflow's filter language: `name LIKE 'mal%' and tags.team = 'a'`. */
  readonly filter?: string;
  /** As `last_update_time DESC`, the first counting most. */
  readonly orderBy?: readonly string[];
  /** Active ones by default. */
  readonly viewType?: ViewType;
  /** Experiments a page: 1 to 50,000. */
  readonly maxResults?: number;
  /** `nextPageToken` of the page before. */
  readonly pageToken?: string;
}

const root = `${apiRoot}/experiments`;

/** The calls about experiments. */
export function experimentMethods(transport: MlflowTransport) {
  const methods = {
    /** Makes an experiment and answers its ID; fails where the name is taken, also by a deleted one. */
    async createExperiment(request: NewExperiment, options?: CallOptions): Promise<string> {
      checkText(request.name, 'The name of the experiment', limits.experimentNameLength);
      if (request.name.trim() === '') throw new UsageError('The name of the experiment is empty.');
      checkRecord(request.tags, 'experiment tag');
      const reply = await transport.call(
        {
          method: 'POST',
          path: `${root}/create`,
          body: { name: request.name, artifact_location: request.artifactLocation, tags: encodePairs(request.tags) },
          // A second try cannot make a second experiment: it is told that the name is taken.
          retry: 'safe',
          reply: z.object({ experiment_id: z.string() }),
        },
        options,
      );
      return reply.experiment_id;
    },

    /**
     * The experiment of that name, made where there is none; many callers at once get the same one. A deleted one is a
     * UsageError, or is brought back where `restore` says so.
     */
    async ensureExperiment(
      name: string,
      options: CallOptions & { readonly restore?: boolean } = {},
    ): Promise<Experiment> {
      const found = await methods.getExperimentByName(name, options);
      if (found !== null) return methods.usableExperiment(found, options);
      try {
        return await methods.getExperiment(await methods.createExperiment({ name }, options), options);
      } catch (error) {
        if (!isAlreadyThere(error)) throw error;
        const made = await methods.getExperimentByName(name, options);
        if (made === null) throw error;
        return methods.usableExperiment(made, options);
      }
    },

    /** The experiment itself where it is active; a deleted one as in `ensureExperiment`. */
    async usableExperiment(
      experiment: Experiment,
      options: CallOptions & { readonly restore?: boolean } = {},
    ): Promise<Experiment> {
      if (experiment.lifecycleStage === 'active') return experiment;
      if (options.restore !== true) throw deletedExperiment(experiment);
      await methods.restoreExperiment(experiment.experimentId, options);
      return methods.getExperiment(experiment.experimentId, options);
    },

    /** The experiment of an ID. */
    async getExperiment(experimentId: string, options?: CallOptions): Promise<Experiment> {
      const reply = await transport.call(
        {
          method: 'GET',
          path: `${root}/get`,
          query: { experiment_id: experimentId },
          retry: 'safe',
          reply: z.object({ experiment }),
        },
        options,
      );
      return reply.experiment;
    },

    /** The experiment of a name, deleted ones included; null where there is none. */
    async getExperimentByName(name: string, options?: CallOptions): Promise<Experiment | null> {
      try {
        const reply = await transport.call(
          {
            method: 'GET',
            path: `${root}/get-by-name`,
            query: { experiment_name: name },
            retry: 'safe',
            reply: z.object({ experiment }),
          },
          options,
        );
        return reply.experiment;
      } catch (error) {
        if (isNotFound(error)) return null;
        throw error;
      }
    },

    /** One page of experiments. */
    async searchExperiments(query: ExperimentQuery = {}, options?: CallOptions): Promise<Page<Experiment>> {
      const reply = await transport.call(
        {
          method: 'POST',
          path: `${root}/search`,
          body: {
            filter: query.filter,
            order_by: query.orderBy,
            view_type: query.viewType ?? 'ACTIVE_ONLY',
            // Left out, the server takes it for 0 and refuses.
            max_results: query.maxResults ?? 1000,
            page_token: query.pageToken,
          },
          retry: 'safe',
          reply: z.object({ experiments: z.array(experiment).nullish(), next_page_token: nextPageToken }),
        },
        options,
      );
      return { items: reply.experiments ?? [], nextPageToken: reply.next_page_token };
    },

    /** All experiments a query finds, page after page. */
    iterateExperiments(query: ExperimentQuery = {}, options?: CallOptions): AsyncGenerator<Experiment> {
      return paged((pageToken) => methods.searchExperiments({ ...query, ...pageToken }, options));
    },

    /** Sets a tag. */
    async setExperimentTag(experimentId: string, key: string, value: string, options?: CallOptions): Promise<void> {
      checkText(value, `The experiment tag "${key}"`);
      await post('set-experiment-tag', { experiment_id: experimentId, key, value }, options);
    },

    /** Renames an experiment. */
    async updateExperiment(experimentId: string, change: { name: string }, options?: CallOptions): Promise<void> {
      checkText(change.name, 'The name of the experiment', limits.experimentNameLength);
      await post('update', { experiment_id: experimentId, new_name: change.name }, options);
    },

    /** Deletes an experiment; its name stays taken, and it can be restored. */
    async deleteExperiment(experimentId: string, options?: CallOptions): Promise<void> {
      await post('delete', { experiment_id: experimentId }, options);
    },

    /** Brings a deleted experiment back. */
    async restoreExperiment(experimentId: string, options?: CallOptions): Promise<void> {
      await post('restore', { experiment_id: experimentId }, options);
    },
  };
  return methods;

  async function post(call: string, body: unknown, options?: CallOptions): Promise<void> {
    await transport.call({ method: 'POST', path: `${root}/${call}`, body, retry: 'safe', reply: nothing }, options);
  }
}

export type ExperimentMethods = ReturnType<typeof experimentMethods>;

function deletedExperiment({ name, experimentId }: Experiment): UsageError {
  const named = quoteForShell(name);
  const [command, make] = [
    `slipway run . --experiment-name ${named} --restore-experiment`,
    `make run EXPERIMENT=${named} RESTORE_EXPERIMENT=1`,
  ];
  return new UsageError(`The experiment "${name}" (${experimentId}) is deleted, so nothing can be recorded in it.`, {
    hint: `To bring it back, with its runs: \`${command}\`, or \`${make}\`. Or choose another one by its name.`,
  });
}
