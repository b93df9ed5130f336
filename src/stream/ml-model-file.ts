import { parseDocument } from 'yaml';
import { UsageError } from '../errors.ts';

/** What the tracking server knows of a model that the program, which wrote its MLmodel, could not know. */
export interface ModelIdentity {
  readonly runId: string;
  /** Null on servers without logged models (MLflow 2). */
  readonly modelId: string | null;
  /** Where the model's files lie: the logged model's `artifact_uri`, or with MLflow 2 a folder of the run. */
  readonly artifactPath: string;
  /** Sum of the sizes of the model's files. */
  readonly sizeBytes: number;
  /** When the model was made, milliseconds since 1970. */
  readonly createdAtMs: number;
  /** 32 hexadecimal digits, used where there is no model id. */
  readonly uuid: string;
}

/**
 * The MLmodel file with the ids in it; what the program wrote stays. The keys are those of `Model.to_dict` in
 * MLflow's `mlflow/models/model.py`. Throws UsageError where the file is neither YAML nor JSON.
 */
export function completeMlModel(text: string, identity: ModelIdentity): string {
  const document = parseDocument(text);
  const value: unknown = document.errors.length === 0 ? document.toJS() : null;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(
      `The MLmodel file is no YAML or JSON object: ${document.errors[0]?.message ?? 'it is empty'}.`,
    );
  }
  const written = value as Record<string, unknown>;
  const ids = {
    artifact_path: identity.artifactPath,
    run_id: identity.runId,
    model_uuid: identity.modelId ?? identity.uuid,
    ...(identity.modelId === null ? {} : { model_id: identity.modelId }),
    model_size_bytes: identity.sizeBytes,
    utc_time_created: pythonTime(identity.createdAtMs),
  };
  for (const [key, id] of Object.entries(ids)) {
    if (written[key] === undefined || written[key] === null) document.set(key, id);
  }
  return text.trimStart().startsWith('{') ? `${JSON.stringify(document.toJS(), null, 2)}\n` : document.toString();
}

/** `2026-11-21 03:45:12.000000`, UTC, as Python prints a datetime. */
function pythonTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('T', ' ').replace('Z', '000');
}
