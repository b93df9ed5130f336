import type { MlflowClient } from '../mlflow/index.ts';
import type { RunLogEvent } from '../runlog/schema.ts';

/** What a stream needs to carry one run folder to one MLflow run. */
export interface StreamOptions {
  readonly runDirectory: string;
  readonly client: MlflowClient;
  readonly mlflowRunId: string;
  readonly experimentId: string;
  /** `artifact_uri` of the run. */
  readonly artifactUri: string;
  /** Params the launcher logged: never overwritten by the program. */
  readonly knownParams: Readonly<Record<string, string>>;
  /** Sees every valid event as soon as it is read, before it is sent: for the terminal. */
  readonly onEvent?: (event: RunLogEvent, writer: string) => void;
  readonly onWarning?: (text: string) => void;
  /** Told when the run is tagged as diverged, by the program or by the stream: when and how. */
  readonly onDiverged?: (text: string) => void;
  /** Told when a value was refused because the run was deleted on the server; the stream waits until it is restored. */
  readonly onDeleted?: () => void;
  readonly onModelVersion?: (model: { name: string; version: string; modelId: string | null }) => void;
  /** Called between any two steps that leave a trace on the server or on the disk: where a test cuts the power. */
  readonly onCheckpoint?: (name: StreamCheckpoint) => void;
}

export type StreamCheckpoint =
  | 'values-read'
  | 'inputs-sent'
  | 'batch-sent'
  | 'values-sent'
  | 'values-acknowledged'
  | 'file-uploaded'
  | 'table-tagged'
  | 'image-tagged'
  | 'model-created'
  | 'outputs-logged'
  | 'model-metrics-sent'
  | 'model-uploaded'
  | 'model-finalized'
  | 'model-registered'
  | 'version-created'
  | 'model-described'
  | 'alias-set'
  | 'value-refused'
  | 'files-sent'
  | 'files-acknowledged';

/** How much of the run log has arrived. */
export interface StreamStatus {
  /** Bytes written to the run log that the server has not acknowledged. */
  readonly pendingBytes: number;
  /** Events acknowledged since this stream was opened. */
  readonly sentEvents: number;
  /** The last failure that is being retried, or null. */
  readonly lastError: string | null;
  /** The first things lost for good, with the reason (the server refused them, or none can take them); empty when all is well. */
  readonly refused: readonly string[];
  /** How many are lost for good: of more than twenty, `sync/` alone tells what and why. */
  readonly refusedCount: number;
}

/** The part of the run log that is small and must be there at once, and the part that may take its time. */
export type Lane = 'values' | 'files';
