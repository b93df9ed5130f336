import { errorMessage, UnavailableError } from '../errors.ts';
import type { OnExchange } from '../util/http-exchange.ts';
import * as answers from './answers.ts';
import { followBuild, followTransfer } from './build-output.ts';
import { containerRequest } from './container-request.ts';
import { endpointText, resolveEndpoint } from './endpoint.ts';
import { DockerApiError } from './errors.ts';
import { readLogFrames } from './log-frames.ts';
import { splitReference } from './references.ts';
import { type EngineRequest, EngineTransport } from './transport.ts';
import type {
  BuildOptions,
  ContainerOptions,
  ContainerStats,
  ContainerStatus,
  ContainerSummary,
  EngineInfo,
  ImageDetails,
  ImageSummary,
  LogOptions,
} from './types.ts';

interface Abortable {
  readonly signal?: AbortSignal;
}

interface Followed extends Abortable {
  readonly onLine?: (line: string) => void;
}

const ignoreLine = (): void => undefined;

/** A Docker engine. Every method rejects with DockerApiError where the engine refuses, UnavailableError where it is gone. */
export class DockerEngine {
  readonly #transport: EngineTransport;

  private constructor(transport: EngineTransport) {
    this.#transport = transport;
  }

  /**
   * Finds the engine as the `docker` command does and asks whether it answers.
   * Throws UnavailableError that says why not: no socket, nothing listening, permission denied.
   */
  static async connect(
    options: {
      readonly environment?: Readonly<Record<string, string | undefined>>;
      /** Hears of every request to the engine. */
      readonly onExchange?: OnExchange;
    } & Abortable = {},
  ): Promise<DockerEngine> {
    const { environment = {}, onExchange } = options;
    const transport = new EngineTransport(resolveEndpoint(environment), environment.SSH_AUTH_SOCK, onExchange);
    await transport.ping(options.signal);
    return new DockerEngine(transport);
  }

  /** Where it listens, as a person would write it. */
  get endpoint(): string {
    return endpointText(this.#transport.endpoint);
  }

  /** True where it runs on this machine, so that this machine's folders can be mounted. */
  get isLocal(): boolean {
    return this.#transport.endpoint.kind === 'unix';
  }

  async info(options: Abortable = {}): Promise<EngineInfo> {
    const ask = (path: string): Promise<unknown> => this.#get(path, 'to describe itself', options);
    const [info, version] = await Promise.all([ask('/info'), ask('/version')]);
    return answers.toEngineInfo(answers.infoAnswer.parse(info), answers.versionAnswer.parse(version).ApiVersion);
  }

  /** Null where there is no such image. */
  async inspectImage(reference: string, options: Abortable = {}): Promise<ImageDetails | null> {
    const answer = await orNull(this.#get(`/images/${reference}/json`, `to inspect image ${reference}`, options));
    return answer === null ? null : answers.toImageDetails(answers.imageAnswer.parse(answer));
  }

  /** Builds an image and returns its id. Throws ImageBuildError with the failed step and its last lines. */
  async buildImage(options: BuildOptions): Promise<string> {
    const output = await this.#transport.stream({
      method: 'POST',
      path: '/build',
      query: {
        dockerfile: options.dockerfile ?? 'Dockerfile',
        target: options.target,
        t: options.tags,
        buildargs: JSON.stringify(options.buildArguments ?? {}),
        labels: JSON.stringify(options.labels ?? {}),
        rm: true,
        forcerm: true,
      },
      file: options.context,
      purpose: 'to build an image',
      signal: options.signal,
    });
    return this.#followed(options, () => followBuild(output, options.onLine ?? ignoreLine));
  }

  /** Pulls an image. Throws UnavailableError where no registry answers or has it. */
  async pullImage(reference: string, options: Followed = {}): Promise<void> {
    const [name, tag] = splitReference(reference);
    await this.#transfer(
      { method: 'POST', path: '/images/create', query: { fromImage: name, tag }, purpose: `to pull ${reference}` },
      options,
      reference,
    );
  }

  /** Makes an image from a tar archive of a root file system. `changes` are Dockerfile instructions (`ENV A=b`). */
  async importImage(
    archive: NodeJS.ReadableStream,
    reference: string,
    options: Followed & { readonly changes?: readonly string[] } = {},
  ): Promise<void> {
    const [repo, tag] = splitReference(reference);
    await this.#transfer(
      {
        method: 'POST',
        path: '/images/create',
        query: { fromSrc: '-', repo, tag, changes: options.changes },
        file: archive,
        purpose: `to import ${reference}`,
      },
      options,
      reference,
    );
  }

  tagImage(reference: string, newReference: string, options: Abortable = {}): Promise<void> {
    const [repo, tag] = splitReference(newReference);
    return this.#post(`/images/${reference}/tag`, { repo, tag }, `to tag ${reference} as ${newReference}`, options);
  }

  /** Fine if it is gone. */
  async removeImage(reference: string, options: Abortable & { readonly force?: boolean } = {}): Promise<void> {
    const query = { force: options.force ?? false };
    await orNull(this.#delete(`/images/${reference}`, query, `to remove image ${reference}`, options));
  }

  /** Images that carry the label (`name` or `name=value`). */
  async listImages(options: { readonly label: string } & Abortable): Promise<ImageSummary[]> {
    const answer = await this.#get('/images/json', 'to list images', options, filters(options.label));
    return answers.imageListAnswer.parse(answer).map((image) => ({
      id: image.Id,
      tags: image.RepoTags ?? [],
      labels: image.Labels ?? {},
      sizeBytes: image.Size,
      createdAtMs: image.Created * 1000,
    }));
  }

  /** Makes a container, which does not run yet, and returns its id. */
  async createContainer(options: ContainerOptions & Abortable): Promise<string> {
    const answer = await this.#transport.json({
      method: 'POST',
      path: '/containers/create',
      query: { name: options.name },
      body: containerRequest(options),
      purpose: `to make a container of ${options.image}`,
      signal: options.signal,
    });
    return answers.createdAnswer.parse(answer).Id;
  }

  /** Starts a container; fine if it runs already. A command that does not exist is refused here. */
  startContainer(id: string, options: Abortable = {}): Promise<void> {
    return this.#post(`/containers/${id}/start`, {}, 'to start the container', options);
  }

  /** Null where there is no such container. */
  async inspectContainer(id: string, options: Abortable = {}): Promise<ContainerStatus | null> {
    const answer = await orNull(this.#get(`/containers/${id}/json`, `to inspect container ${id}`, options));
    return answer === null ? null : answers.toContainerStatus(answers.containerAnswer.parse(answer));
  }

  /** Resolves with the exit code once the container does not run (any more). */
  async waitContainer(id: string, options: Abortable = {}): Promise<number> {
    const answer = await this.#transport.json({
      method: 'POST',
      path: `/containers/${id}/wait`,
      query: { condition: 'not-running' },
      purpose: `to wait for container ${id}`,
      signal: options.signal,
    });
    return answers.waitAnswer.parse(answer).StatusCode;
  }

  /** Sends a signal to the container's first process; fine if it does not run (any more). */
  async killContainer(id: string, signalName: string, options: Abortable = {}): Promise<void> {
    try {
      await this.#post(`/containers/${id}/kill`, { signal: signalName }, `to send ${signalName}`, options);
    } catch (error) {
      if (!isStatus(error, 404) && !isStatus(error, 409)) throw error;
    }
  }

  /** Removes a container with its anonymous volumes, by force; fine if it is gone. */
  async removeContainer(id: string, options: Abortable = {}): Promise<void> {
    try {
      const query = { force: true, v: true };
      await orNull(this.#delete(`/containers/${id}`, query, `to remove container ${id}`, options));
    } catch (error) {
      // 409: someone else is removing it at this moment.
      if (!isStatus(error, 409)) throw error;
    }
  }

  /** Hands on what the container wrote, in order, to its end; with `follow`, until the container ends. */
  async containerLogs(id: string, options: LogOptions): Promise<void> {
    const output = await this.#transport.stream({
      method: 'GET',
      path: `/containers/${id}/logs`,
      query: {
        stdout: true,
        stderr: true,
        follow: options.follow ?? false,
        timestamps: options.timestamps ?? false,
        since: options.since === undefined ? undefined : unixTime(options.since),
      },
      purpose: `to read the output of container ${id}`,
      signal: options.signal,
    });
    await this.#followed(options, () => readLogFrames(output, options));
  }

  /** Containers, running or not, that carry the label (`name` or `name=value`); without one, all. */
  async listContainers(options: { readonly label?: string } & Abortable = {}): Promise<ContainerSummary[]> {
    const query = { ...(options.label === undefined ? {} : filters(options.label)), all: true };
    const answer = await this.#get('/containers/json', 'to list containers', options, query);
    return answers.containerListAnswer.parse(answer).map(answers.toContainerSummary);
  }

  /** One look at what a container uses, without the second that an engine measures for by itself; null where it does not run. */
  async containerStats(id: string, options: Abortable = {}): Promise<ContainerStats | null> {
    const path = `/containers/${id}/stats`;
    const query = { stream: false, 'one-shot': true };
    const answer = await orNull(this.#get(path, 'to measure a container', options, query));
    return answer === null ? null : answers.toContainerStats(answers.statsAnswer.parse(answer));
  }

  #get(path: string, purpose: string, options: Abortable, query?: EngineRequest['query']): Promise<unknown> {
    return this.#transport.json({ method: 'GET', path, purpose, signal: options.signal, query });
  }

  #delete(path: string, query: EngineRequest['query'], purpose: string, options: Abortable): Promise<unknown> {
    return this.#transport.json({ method: 'DELETE', path, query, purpose, signal: options.signal });
  }

  async #post(path: string, query: EngineRequest['query'], purpose: string, options: Abortable): Promise<void> {
    await this.#transport.json({ method: 'POST', path, query, purpose, signal: options.signal });
  }

  async #transfer(request: EngineRequest, options: Followed, reference: string): Promise<void> {
    try {
      const output = await this.#transport.stream({ ...request, signal: options.signal });
      await this.#followed(options, () => followTransfer(output, options.onLine ?? ignoreLine));
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof UnavailableError) throw error;
      const reason = error instanceof DockerApiError ? error.reason : errorMessage(error);
      throw new UnavailableError(`Docker could not get the image ${reference}: ${reason}`, { cause: error });
    }
  }

  /** A stream that ends early has an error of its own: what counts is why it was aborted, or that the engine is gone. */
  async #followed<T>(options: Abortable, follow: () => Promise<T>): Promise<T> {
    try {
      return await follow();
    } catch (error) {
      throw this.#transport.brokenOff(options, error);
    }
  }
}

/** Seconds with nine digits behind the point: what a number of JavaScript cannot hold. */
function unixTime(time: string): string {
  return `${Date.parse(time.slice(0, 19).concat('Z')) / 1000}.${time.slice(20, 29)}`;
}

function isStatus(error: unknown, statusCode: number): boolean {
  return error instanceof DockerApiError && error.statusCode === statusCode;
}

/** Null where the engine says that there is no such thing. */
async function orNull(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (isStatus(error, 404)) return null;
    throw error;
  }
}

function filters(label: string): { filters: string } {
  return { filters: JSON.stringify({ label: [label] }) };
}
