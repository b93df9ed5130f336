import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { paged } from './paging.ts';
import { run, runInfo } from './run-schema.ts';
import { apiRoot, type MlflowTransport } from './transport.ts';
import type { CallOptions, Page, Run, RunInfo, RunStatus, StringRecord, ViewType } from './types.ts';
import { check, checkInteger, checkOneOf, checkText, tagProblem } from './validate.ts';
import { encodePairs, nextPageToken, nothing } from './wire.ts';

/** A run to be made. */
export interface NewRun {
  /** The experiment it belongs to. */
  readonly experimentId: string;
  /** Drawn by the server where it is left away. */
  readonly runName?: string;
  /** Milliseconds since 1970, an integer. */
  readonly startTimeMs: number;
  /** Tags it gets at once. */
  readonly tags?: StringRecord;
}

/** What is to become another in a run. */
export interface RunChange {
  /** Where it stands. */
  readonly status?: RunStatus;
  /** Milliseconds since 1970, an integer. */
  readonly endTimeMs?: number;
  /** Its new name. */
  readonly runName?: string;
}

/** Which runs to search for. */
export interface RunQuery {
  /** In these experiments. */
  readonly experimentIds: readonly string[];
  /** MLflow's filter language: `metrics.val_accuracy > 0.9 and tags.team = 'a'`. */
  readonly filter?: string;
  /** As `metrics.val_accuracy DESC`, the first counting most. */
  readonly orderBy?: readonly string[];
  /** Active ones by default. */
  readonly viewType?: ViewType;
  /** Runs a page: 1 to 50,000. */
  readonly maxResults?: number;
  /** `nextPageToken` of the page before. */
  readonly pageToken?: string;
}

const root = `${apiRoot}/runs`;
const statuses: readonly RunStatus[] = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'];

/** The calls about runs themselves. */
export function runMethods(transport: MlflowTransport) {
  const methods = {
    /** Makes a run. It is not repeated after an unclear failure: search for a tag of your own before you ask again. */
    async createRun(request: NewRun, options?: CallOptions): Promise<Run> {
      checkInteger(request.startTimeMs, 'The start time');
      if (request.runName !== undefined) checkText(request.runName, 'The name of the run');
      for (const [key, value] of Object.entries(request.tags ?? {})) check(tagProblem(key, value));
      const reply = await transport.call(
        {
          method: 'POST',
          path: `${root}/create`,
          body: {
            experiment_id: request.experimentId,
            run_name: request.runName,
            start_time: request.startTimeMs,
            tags: encodePairs(request.tags),
          },
          retry: 'unsent',
          reply: z.object({ run }),
        },
        options,
      );
      return reply.run;
    },

    /** A run with its latest metrics, params, tags, inputs and outputs. */
    async getRun(runId: string, options?: CallOptions): Promise<Run> {
      const reply = await transport.call(
        { method: 'GET', path: `${root}/get`, query: { run_id: runId }, retry: 'safe', reply: z.object({ run }) },
        options,
      );
      return reply.run;
    },

    /** One page of runs. */
    async searchRuns(query: RunQuery, options?: CallOptions): Promise<Page<Run>> {
      const reply = await transport.call(
        {
          method: 'POST',
          path: `${root}/search`,
          body: {
            experiment_ids: query.experimentIds,
            filter: query.filter,
            run_view_type: query.viewType ?? 'ACTIVE_ONLY',
            max_results: query.maxResults ?? 1000,
            order_by: query.orderBy,
            page_token: query.pageToken,
          },
          retry: 'safe',
          reply: z.object({ runs: z.array(run).nullish(), next_page_token: nextPageToken }),
        },
        options,
      );
      return { items: reply.runs ?? [], nextPageToken: reply.next_page_token };
    },

    /** All runs a query finds, page after page. */
    iterateRuns(query: RunQuery, options?: CallOptions): AsyncGenerator<Run> {
      return paged((pageToken) => methods.searchRuns({ ...query, ...pageToken }, options));
    },

    /** Changes status, end or name. */
    async updateRun(runId: string, change: RunChange, options?: CallOptions): Promise<RunInfo | null> {
      if (change.status !== undefined) checkOneOf(change.status, statuses, 'The status of the run');
      if (change.endTimeMs !== undefined) checkInteger(change.endTimeMs, 'The end time');
      if (change.runName === '') throw new UsageError('The name of the run is empty.');
      const reply = await transport.call(
        {
          method: 'POST',
          path: `${root}/update`,
          body: { run_id: runId, status: change.status, end_time: change.endTimeMs, run_name: change.runName },
          retry: 'safe',
          reply: z.object({ run_info: runInfo.nullish() }),
        },
        options,
      );
      return reply.run_info ?? null;
    },

    /** Deletes a run; it can be restored. */
    async deleteRun(runId: string, options?: CallOptions): Promise<void> {
      await post('delete', { run_id: runId }, options);
    },

    /** Brings a deleted run back. */
    async restoreRun(runId: string, options?: CallOptions): Promise<void> {
      await post('restore', { run_id: runId }, options);
    },

    /** Sets a tag. */
    async setTag(runId: string, key: string, value: string, options?: CallOptions): Promise<void> {
      check(tagProblem(key, value));
      await post('set-tag', { run_id: runId, key, value }, options);
    },

    /** Removes a tag; fails where there is none. */
    async deleteTag(runId: string, key: string, options?: CallOptions): Promise<void> {
      await post('delete-tag', { run_id: runId, key }, options);
    },
  };
  return methods;

  async function post(call: string, body: unknown, options?: CallOptions): Promise<void> {
    await transport.call({ method: 'POST', path: `${root}/${call}`, body, retry: 'safe', reply: nothing }, options);
  }
}

export type RunMethods = ReturnType<typeof runMethods>;
