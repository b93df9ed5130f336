import { readFile } from 'node:fs/promises';
import { UsageError } from '../errors.ts';
import type { HttpRequest } from '../http/index.ts';
import type { FileInfo, MlflowClient } from '../mlflow/index.ts';
import type { ArtifactBackend, LocalFile, OpenedArtifact, OpenOptions, PutOptions } from './backend.ts';
import type { ArtifactOwner } from './owner.ts';
import { openedArtifact, rangeHeaders } from './ranges.ts';

const largestUploadBytes = 10 * 1024 * 1024;

/**
 * The routes that MLflow's web pages use. They reach any root that the server itself can write, but take files of a
 * run of 1 byte to 10 MiB only.
 */
export class ServerRoutesBackend implements ArtifactBackend {
  readonly #client: MlflowClient;
  readonly #owner: ArtifactOwner | null;
  readonly #uri: string;

  constructor(client: MlflowClient, owner: ArtifactOwner | null, uri: string) {
    this.#client = client;
    this.#owner = owner;
    this.#uri = uri;
  }

  /** This backend, or a UsageError where the server's routes cannot write the root. */
  checked(): this {
    if (this.#owner?.kind === 'run') return this;
    throw new UsageError(
      `The artifact root ${this.#uri} is a folder of the server's machine that this client cannot write.`,
      {
        hint: 'Start the server with --serve-artifacts and without --default-artifact-root, so that it takes files over HTTP.',
      },
    );
  }

  async ensureWritable(options: { readonly signal?: AbortSignal }): Promise<void> {
    this.checked();
    await this.list([], options);
  }

  async put(segments: readonly string[], file: LocalFile, options: PutOptions): Promise<void> {
    this.checked();
    if (file.byteLength > largestUploadBytes || file.byteLength === 0) {
      const size = file.byteLength === 0 ? 'is empty' : `has ${file.byteLength} bytes`;
      throw new UsageError(
        `${file.path} ${size}; the server takes files of 1 byte to 10 MiB where its artifacts lie in a folder of its own (${this.#uri}).`,
        { hint: 'Start the server with --serve-artifacts and without --default-artifact-root.' },
      );
    }
    const transport = this.#client.transport;
    const query = { run_uuid: this.#owner?.id, path: segments.join('/') };
    await transport.http.requestText({
      method: 'POST',
      url: transport.url('/ajax-api/2.0/mlflow/upload-artifact', query),
      headers: transport.headers(),
      // Small enough to be read at once; only the first bytes count where the file has grown.
      body: {
        bytes: (await readFile(file.path)).subarray(0, file.byteLength),
        contentType: 'application/octet-stream',
      },
      retry: 'safe',
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    options.onProgress?.({ transferredBytes: file.byteLength, totalBytes: file.byteLength });
  }

  async list(segments: readonly string[], options: { readonly signal?: AbortSignal }): Promise<FileInfo[]> {
    const path = segments.length === 0 ? undefined : segments.join('/');
    const owner = this.#known();
    const { files } =
      owner.kind === 'run'
        ? await this.#client.listArtifacts(owner.id, path, options)
        : await this.#client.listLoggedModelArtifacts(owner.id, path, options);
    return [...files];
  }

  async open(segments: readonly string[], options: OpenOptions): Promise<OpenedArtifact> {
    const request = this.#request(segments, options.signal);
    const headers = { ...request.headers, ...rangeHeaders(options) };
    return openedArtifact(await this.#client.transport.http.requestStream({ ...request, headers, maximumRetries: 0 }));
  }

  repeat<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#client.transport.http.repeat(work, signal);
  }

  streamError(segments: readonly string[], error: unknown, signal?: AbortSignal): unknown {
    return this.#client.transport.http.streamError(this.#request(segments, signal), error);
  }

  #request(segments: readonly string[], signal: AbortSignal | undefined): HttpRequest {
    const { transport } = this.#client;
    const owner = this.#known();
    const path = segments.join('/');
    const url =
      owner.kind === 'run'
        ? transport.url('/get-artifact', { run_id: owner.id, path })
        : transport.url(`/ajax-api/2.0/mlflow/logged-models/${owner.id}/artifacts/files`, { artifact_file_path: path });
    const headers = transport.headers();
    return { method: 'GET', url, headers, retry: 'safe', ...(signal === undefined ? {} : { signal }) };
  }

  #known(): ArtifactOwner {
    if (this.#owner !== null) return this.#owner;
    throw new UsageError(
      `The artifact root ${this.#uri} names no run and no model, so the server cannot be asked for it.`,
    );
  }
}
