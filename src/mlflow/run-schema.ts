import { z } from 'zod';
import type { DatasetInput, Run, RunInfo } from './types.ts';
import { integer, metrics, pairs } from './wire.ts';

export const runInfo = z
  .object({
    run_id: z.string(),
    experiment_id: z.string(),
    run_name: z.string().nullish(),
    status: z.enum(['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED']).nullish(),
    start_time: integer.nullish(),
    end_time: integer.nullish(),
    artifact_uri: z.string().nullish(),
    lifecycle_stage: z.enum(['active', 'deleted']).nullish(),
  })
  .transform(
    (wire): RunInfo => ({
      runId: wire.run_id,
      experimentId: wire.experiment_id,
      runName: wire.run_name ?? '',
      status: wire.status ?? 'RUNNING',
      startTimeMs: wire.start_time ?? 0,
      endTimeMs: wire.end_time || null,
      artifactUri: wire.artifact_uri ?? '',
      lifecycleStage: wire.lifecycle_stage ?? 'active',
    }),
  );

const datasetInput = z
  .object({
    dataset: z.object({
      name: z.string(),
      digest: z.string(),
      source_type: z.string().nullish(),
      source: z.string().nullish(),
      schema: z.string().nullish(),
      profile: z.string().nullish(),
    }),
    tags: pairs,
  })
  .transform(
    ({ dataset, tags }): DatasetInput => ({
      dataset: {
        name: dataset.name,
        digest: dataset.digest,
        sourceType: dataset.source_type ?? '',
        source: dataset.source ?? '',
        ...(dataset.schema ? { schema: dataset.schema } : {}),
        ...(dataset.profile ? { profile: dataset.profile } : {}),
      },
      tags,
    }),
  );

const modelInputs = z.array(z.object({ model_id: z.string() })).nullish();
const modelOutputs = z.array(z.object({ model_id: z.string(), step: integer.nullish() })).nullish();

/** A run as runs/create, get and search answer it. */
export const run = z
  .object({
    info: runInfo,
    data: z.object({ metrics, params: pairs, tags: pairs }).nullish(),
    inputs: z.object({ dataset_inputs: z.array(datasetInput).nullish(), model_inputs: modelInputs }).nullish(),
    outputs: z.object({ model_outputs: modelOutputs }).nullish(),
  })
  .transform(
    ({ info, data, inputs, outputs }): Run => ({
      info,
      data: {
        params: data?.params ?? {},
        tags: data?.tags ?? {},
        metrics: Object.fromEntries((data?.metrics ?? []).map(({ key, value }) => [key, value])),
        latestMetrics: data?.metrics ?? [],
      },
      inputs: {
        datasets: inputs?.dataset_inputs ?? [],
        models: (inputs?.model_inputs ?? []).map(({ model_id }) => ({ modelId: model_id })),
      },
      outputs: {
        models: (outputs?.model_outputs ?? []).map(({ model_id, step }) => ({ modelId: model_id, step: step ?? 0 })),
      },
    }),
  );
