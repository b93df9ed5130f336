import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { HttpError } from '../http/index.ts';
import type { FileInfo, MlflowClient } from '../mlflow/index.ts';
import type { ArtifactBackend, LocalFile, OpenedArtifact, OpenOptions, PutOptions } from './backend.ts';
import { fileBody } from './file-body.ts';
import type { ArtifactOwner } from './owner.ts';
import { ServerRoutesBackend } from './server-routes-backend.ts';

const uploadReply = z.object({
  presigned_url: z.string(),
  headers: z.record(z.string(), z.string()).nullish(),
});

/**
 * A bucket that this client has no key to: the server signs an address for each upload, and
 * lists and reads the files itself.
 */
export class PresignedBackend implements ArtifactBackend {
  readonly #client: MlflowClient;
  readonly #owner: ArtifactOwner;
  readonly #uri: string;
  readonly #routes: ServerRoutesBackend;

  constructor(client: MlflowClient, owner: ArtifactOwner, uri: string) {
    this.#client = client;
    this.#owner = owner;
    this.#uri = uri;
    this.#routes = new ServerRoutesBackend(client, owner, uri);
  }

  async ensureWritable({ signal }: { readonly signal?: AbortSignal }): Promise<void> {
    await this.#sign(['.slipway'], signal);
  }

  async put(segments: readonly string[], file: LocalFile, options: PutOptions): Promise<void> {
    const { presigned_url: url, headers } = await this.#sign(segments, options.signal);
    await this.#client.transport.http.requestText({
      method: 'PUT',
      url,
      headers: headers ?? {},
      body: fileBody(file, options),
      retry: 'safe',
      isPresigned: true,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  }

  list(segments: readonly string[], options: { readonly signal?: AbortSignal }): Promise<FileInfo[]> {
    return this.#routes.list(segments, options);
  }

  open(segments: readonly string[], options: OpenOptions): Promise<OpenedArtifact> {
    return this.#routes.open(segments, options);
  }

  repeat<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#routes.repeat(work, signal);
  }

  streamError(segments: readonly string[], error: unknown, signal?: AbortSignal): unknown {
    return this.#routes.streamError(segments, error, signal);
  }

  async #sign(segments: readonly string[], signal?: AbortSignal): Promise<z.infer<typeof uploadReply>> {
    const owner = this.#owner.kind === 'run' ? { run_id: this.#owner.id } : { model_id: this.#owner.id };
    try {
      return await this.#client.transport.call(
        {
          method: 'POST',
          path: '/api/2.0/mlflow/artifacts/presigned-upload-url',
          body: { ...owner, path: segments.join('/') },
          retry: 'safe',
          reply: uploadReply,
        },
        signal === undefined ? {} : { signal },
      );
    } catch (error) {
      if (!(error instanceof HttpError) || error.isRetryable || error.status === 401 || error.status === 403)
        throw error;
      throw new UsageError(
        `The artifact root ${this.#uri} is one that this client cannot write: the server signs no uploads to it.`,
        {
          hint: 'Let the server keep the artifacts (mlflow server --serve-artifacts --artifacts-destination s3://…).',
          cause: error,
        },
      );
    }
  }
}
