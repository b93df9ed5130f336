import { z } from 'zod';
import { type ArtifactListingMethods, artifactListingMethods } from './artifact-listing.ts';
import { isMissingEndpoint } from './errors.ts';
import { type ExperimentMethods, experimentMethods } from './experiments.ts';
import { type LoggedModelMethods, loggedModelMethods } from './logged-models.ts';
import { type ModelVersionMethods, modelVersionMethods } from './model-versions.ts';
import { type RegisteredModelMethods, registeredModelMethods } from './registered-models.ts';
import { type RunDataMethods, runDataMethods } from './run-data.ts';
import { type RunMethods, runMethods } from './runs.ts';
import { MlflowTransport, type MlflowTransportOptions } from './transport.ts';
import type { CallOptions } from './types.ts';

/**
 * Where the server is and how to speak to it. `environment` supplies MLflow's own variables (user, token,
 * certificates, time limits); what is given here beside it wins.
 */
export interface MlflowClientOptions extends MlflowTransportOptions {}

/** What a server says about itself; all false where it is too old to tell. */
export interface ServerInfo {
  /** Whether large artifacts can be uploaded in parts. */
  readonly hasMultipartUploads: boolean;
  /** Whether they can be downloaded in parts. */
  readonly hasMultipartDownloads: boolean;
  /** Whether it keeps experiments and models in workspaces. */
  readonly hasWorkspaces: boolean;
}

export interface MlflowClient
  extends ExperimentMethods,
    RunMethods,
    RunDataMethods,
    LoggedModelMethods,
    RegisteredModelMethods,
    ModelVersionMethods,
    ArtifactListingMethods {}

/** A client of one MLflow tracking server, versions 2 and 3. */
export class MlflowClient {
  /** The address without user info and trailing slash. */
  readonly trackingUri: string;
  /**
   * For the artifact stores, which speak to the same server.
   * @internal
   */
  readonly transport: MlflowTransport;
  #serverInfo: ServerInfo | undefined;

  constructor(options: MlflowClientOptions) {
    this.transport = new MlflowTransport(options);
    this.trackingUri = this.transport.trackingUri;
    // The calls live in one file a resource, and are joined here.
    Object.assign(
      this,
      experimentMethods(this.transport),
      runMethods(this.transport),
      runDataMethods(this.transport),
      loggedModelMethods(this.transport),
      registeredModelMethods(this.transport),
      modelVersionMethods(this.transport),
      artifactListingMethods(this.transport),
    );
  }

  /** The server's version as it tells it: `3.17.2`. */
  async serverVersion(options?: CallOptions): Promise<string> {
    const text = await this.transport.text({ method: 'GET', path: '/version', retry: 'safe' }, options);
    return text.trim();
  }

  /** What the server can do beyond the basics (asked once). */
  async serverInfo(options?: CallOptions): Promise<ServerInfo> {
    this.#serverInfo ??= await this.#askServerInfo(options);
    return this.#serverInfo;
  }

  /** Closes all connections; calls under way fail. */
  async close(): Promise<void> {
    await this.transport.http.close();
  }

  async #askServerInfo(options?: CallOptions): Promise<ServerInfo> {
    try {
      const reply = await this.transport.call(
        { method: 'GET', path: '/api/3.0/mlflow/server-info', retry: 'safe', reply: serverInfoReply },
        options,
      );
      return {
        hasMultipartUploads: reply.multipart_uploads_enabled ?? false,
        hasMultipartDownloads: reply.multipart_downloads_enabled ?? false,
        hasWorkspaces: reply.workspaces_enabled ?? false,
      };
    } catch (error) {
      if (!isMissingEndpoint(error)) throw error;
      return { hasMultipartUploads: false, hasMultipartDownloads: false, hasWorkspaces: false };
    }
  }
}

const serverInfoReply = z.object({
  multipart_uploads_enabled: z.boolean().nullish(),
  multipart_downloads_enabled: z.boolean().nullish(),
  workspaces_enabled: z.boolean().nullish(),
});
