import { z } from 'zod';
import { MlflowApiError } from './errors.ts';
import { paged } from './paging.ts';
import { type Batch, splitBatch } from './split-batch.ts';
import { apiRoot, type MlflowTransport } from './transport.ts';
import type { CallOptions, DatasetInput, MetricPoint, ModelOutput } from './types.ts';
import { checkBatch, checkInteger, checkRecord, checkText, limits } from './validate.ts';
import { encodeMetric, encodePairs, metrics, nextPageToken, nothing } from './wire.ts';

/** What a run used. */
export interface RunInputs {
  /** Data sets, each with tags that say what for. */
  readonly datasets?: readonly DatasetInput[];
  /** Logged models, by their ids; MLflow 3. */
  readonly models?: readonly { readonly modelId: string }[];
}

const pointsPerPage = 25_000;

/** The calls that write and read what a run recorded. */
export function runDataMethods(transport: MlflowTransport) {
  return {
    /**
     * Records metrics, params and tags, all checked before anything is sent; more than one request carries goes as
     * several, one after the other. A param that is there with another value is refused.
     */
    async logBatch(runId: string, batch: Batch, options?: CallOptions): Promise<void> {
      checkBatch(batch);
      for (const part of splitBatch(batch)) {
        const body = {
          run_id: runId,
          metrics: (part.metrics ?? []).map(encodeMetric),
          params: encodePairs(part.params),
          tags: encodePairs(part.tags),
        };
        await post('runs/log-batch', body, options);
      }
    },

    /** Records what a run reads: datasets (tag `mlflow.data.context` says for what) and models. */
    async logInputs(runId: string, inputs: RunInputs, options?: CallOptions): Promise<void> {
      for (const { dataset, tags } of inputs.datasets ?? []) {
        checkText(dataset.name, 'The name of the dataset', 500);
        checkText(dataset.digest, `The digest of the dataset "${dataset.name}"`, limits.datasetDigestLength);
        checkText(dataset.source, `The source of the dataset "${dataset.name}"`, 65_535);
        checkText(dataset.sourceType, `The source type of the dataset "${dataset.name}"`);
        checkRecord(tags, 'dataset tag');
      }
      const datasets = (inputs.datasets ?? []).map(({ dataset, tags }) => ({
        dataset: {
          name: dataset.name,
          digest: dataset.digest,
          source_type: dataset.sourceType,
          source: dataset.source,
          schema: dataset.schema,
          profile: dataset.profile,
        },
        tags: encodePairs(tags),
      }));
      const models = (inputs.models ?? []).map(({ modelId }) => ({ model_id: modelId }));
      await post('runs/log-inputs', { run_id: runId, datasets, models }, options);
    },

    /** Records the logged models a run made (MLflow 3). Recording one again changes nothing. */
    async logOutputs(runId: string, models: readonly ModelOutput[], options?: CallOptions): Promise<void> {
      for (const { modelId, step } of models) {
        checkInteger(step, `The step of the model ${modelId}`);
        try {
          await post('runs/outputs', { run_id: runId, models: [{ model_id: modelId, step }] }, options);
        } catch (error) {
          if (!isRepetition(error)) throw error;
        }
      }
    },

    /** Records a model in the run's history tag; `model` is the content of its MLmodel file. */
    async logModel(runId: string, model: object | string, options?: CallOptions): Promise<void> {
      const modelJson = typeof model === 'string' ? model : JSON.stringify(model);
      await post('runs/log-model', { run_id: runId, model_json: modelJson }, options);
    },

    /** All values of a metric, in the order of time and step. */
    async metricHistory(runId: string, key: string, options?: CallOptions): Promise<MetricPoint[]> {
      const points: MetricPoint[] = [];
      const pages = paged(async ({ pageToken }) => {
        const reply = await transport.call(
          {
            method: 'GET',
            path: `${apiRoot}/metrics/get-history`,
            // MLflow 3.1 to 3.16 answers an empty page for ever where max_results is left out.
            query: { run_id: runId, metric_key: key, max_results: pointsPerPage, page_token: pageToken },
            retry: 'safe',
            reply: z.object({ metrics, next_page_token: nextPageToken }),
          },
          options,
        );
        return { items: reply.metrics, nextPageToken: reply.next_page_token };
      });
      for await (const point of pages) points.push(point);
      return points;
    },
  };

  async function post(call: string, body: unknown, options?: CallOptions): Promise<void> {
    await transport.call({ method: 'POST', path: `${apiRoot}/${call}`, body, retry: 'safe', reply: nothing }, options);
  }
}

export type RunDataMethods = ReturnType<typeof runDataMethods>;

/** The database's refusal of a row that is there already; MLflow has no code of its own for it. */
function isRepetition(error: unknown): boolean {
  return error instanceof MlflowApiError && error.status === 400 && /unique constraint|duplicate/i.test(error.body);
}
