import { z } from 'zod';
import type { HttpRequest } from '../http/index.ts';
import { type FileInfo, fileList, HttpError, type MlflowClient, type MlflowTransport } from '../mlflow/index.ts';
import { encodeSegments } from './artifact-path.ts';
import type { ArtifactBackend, LocalFile, OpenedArtifact, OpenOptions, PutOptions } from './backend.ts';
import { fileBody } from './file-body.ts';
import { multipartUpload } from './multipart-upload.ts';
import { openedArtifact, rangeHeaders } from './ranges.ts';

/** From this size on, a server that offers it lets us write the parts straight to its store. */
const multipartBytes = 100 * 1024 * 1024;

const listing = z.object({ files: fileList });

/** Where the artifact service of a server is and which folder of it is ours. */
export interface ProxiedLocation {
  /** `<server>/api/2.0/mlflow-artifacts`. */
  readonly service: string;
  readonly root: readonly string[];
  /** Whether this is the tracking server itself, which may see our login. */
  readonly isTrackingServer: boolean;
}

/** Artifacts behind MLflow's own artifact service. */
export class ProxiedBackend implements ArtifactBackend {
  readonly #client: MlflowClient;
  readonly #transport: MlflowTransport;
  readonly #location: ProxiedLocation;
  #multipart: boolean | undefined;

  constructor(client: MlflowClient, location: ProxiedLocation) {
    this.#client = client;
    this.#transport = client.transport;
    this.#location = location;
  }

  async ensureWritable(options: { readonly signal?: AbortSignal }): Promise<void> {
    // Listing fails where the service is switched off or wants another login.
    await this.list([], options);
  }

  async put(segments: readonly string[], file: LocalFile, options: PutOptions): Promise<void> {
    if (file.byteLength >= multipartBytes && (await this.#offersMultipart(options.signal))) {
      const target = {
        http: this.#transport.http,
        service: this.#location.service,
        headers: this.#headers(),
        path: [...this.#location.root, ...segments],
      };
      if (await multipartUpload(target, file, options)) return;
      this.#multipart = false;
    }
    const { body } = await this.#transport.http.requestText({
      ...this.#request('PUT', segments, options.signal),
      body: fileBody(file, options),
    });
    if (/^\s*<(html|!doctype)/i.test(body)) throw this.#notAService('PUT', segments, body);
  }

  async list(segments: readonly string[], options: { readonly signal?: AbortSignal }): Promise<FileInfo[]> {
    const url = new URL(`${this.#location.service}/artifacts`);
    const folder = [...this.#location.root, ...segments].join('/');
    if (folder !== '') url.searchParams.set('path', folder);
    const reply = await this.#transport.http.requestText({
      method: 'GET',
      url,
      headers: this.#headers(),
      retry: 'safe',
      ...options,
    });
    const parsed = parseListing(reply.body);
    if (parsed === null) throw this.#notAService('GET', segments, reply.body);
    // The service lists names; callers get paths from the root on.
    return parsed.map((file) => ({ ...file, path: [...segments, file.path].join('/') }));
  }

  async open(segments: readonly string[], options: OpenOptions): Promise<OpenedArtifact> {
    const request = this.#request('GET', segments, options.signal);
    const headers = { ...request.headers, ...rangeHeaders(options) };
    return openedArtifact(await this.#transport.http.requestStream({ ...request, headers, maximumRetries: 0 }));
  }

  repeat<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#transport.http.repeat(work, signal);
  }

  streamError(segments: readonly string[], error: unknown, signal?: AbortSignal): unknown {
    return this.#transport.http.streamError(this.#request('GET', segments, signal), error);
  }

  async #offersMultipart(signal: AbortSignal | undefined): Promise<boolean> {
    this.#multipart ??=
      this.#location.isTrackingServer &&
      (await this.#client.serverInfo(signal === undefined ? {} : { signal })).hasMultipartUploads;
    return this.#multipart;
  }

  #headers(): Readonly<Record<string, string>> {
    // Whoever may make an experiment may choose its artifact root: our login goes to the tracking server alone.
    return this.#location.isTrackingServer ? this.#transport.headers() : {};
  }

  #request(method: 'GET' | 'PUT', segments: readonly string[], signal: AbortSignal | undefined): HttpRequest {
    return {
      method,
      url: `${this.#location.service}/artifacts/${encodeSegments([...this.#location.root, ...segments])}`,
      headers: this.#headers(),
      retry: 'safe',
      ...(signal === undefined ? {} : { signal }),
    };
  }

  #notAService(method: string, segments: readonly string[], body: string): HttpError {
    const { url } = this.#request('GET', segments, undefined);
    return new HttpError(`${method} ${url} was not answered by MLflow's artifact service.`, {
      method,
      url: String(url),
      status: 200,
      body: body.slice(0, 2000),
      isRetryable: false,
    });
  }
}

function parseListing(text: string): FileInfo[] | null {
  try {
    return listing.safeParse(JSON.parse(text)).data?.files ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
