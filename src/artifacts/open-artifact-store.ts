import { UsageError } from '../errors.ts';
import type { MlflowClient } from '../mlflow/index.ts';
import { artifactSegments } from './artifact-path.ts';
import type { ArtifactBackend } from './backend.ts';
import { BackendArtifactStore } from './backend-store.ts';
import { DiskBackend } from './disk-backend.ts';
import { ownerOf } from './owner.ts';
import { PresignedBackend } from './presigned-backend.ts';
import { ProxiedBackend, type ProxiedLocation } from './proxied-backend.ts';
import { ServerRoutesBackend } from './server-routes-backend.ts';
import type { ArtifactStore } from './types.ts';

/** Who speaks to the server, and for which run. */
export interface OpenArtifactStoreOptions {
  /** A client of the server that keeps the artifacts. */
  readonly client: MlflowClient;
  /** The run the root belongs to; read from the root's path where it is left out. */
  readonly runId?: string;
}

const servicePath = '/api/2.0/mlflow-artifacts';

/**
 * The store of an artifact root, as a run's or a logged model's `artifactUri` names it. Throws a UsageError at once
 * for a root that this client cannot write; `ensureWritable` finds out the rest.
 */
export function openArtifactStore(artifactUri: string, options: OpenArtifactStoreOptions): ArtifactStore {
  return new BackendArtifactStore(artifactUri, backendOf(artifactUri, options));
}

function backendOf(artifactUri: string, { client, runId }: OpenArtifactStoreOptions): ArtifactBackend {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(artifactUri)?.[1]?.toLowerCase() ?? '';
  const owner = ownerOf(artifactUri, runId);
  if (scheme === 'mlflow-artifacts') return new ProxiedBackend(client, proxiedLocation(artifactUri, client));
  if (scheme === 'http' || scheme === 'https') return new ProxiedBackend(client, httpLocation(artifactUri, client));
  if (scheme === '' || scheme === 'file') {
    const routes = new ServerRoutesBackend(client, owner, artifactUri);
    return DiskBackend.isPossible(artifactUri, client.trackingUri)
      ? new DiskBackend(artifactUri, routes)
      : routes.checked();
  }
  if (scheme === 's3' && owner !== null) return new PresignedBackend(client, owner, artifactUri);
  throw new UsageError(`The artifact root ${withoutSecrets(artifactUri)} is one that this client cannot write.`, {
    hint: 'Let the server keep the artifacts (mlflow server --serve-artifacts --artifacts-destination …), or use an experiment whose artifact location is mlflow-artifacts:/.',
  });
}

/** `mlflow-artifacts:/path` is on the tracking server, `mlflow-artifacts://host:port/path` on another one. */
function proxiedLocation(artifactUri: string, client: MlflowClient): ProxiedLocation {
  const tracking = new URL(client.trackingUri);
  const [, host = '', path = ''] = /^mlflow-artifacts:(?:\/\/([^/]*))?(.*)$/i.exec(artifactUri) ?? [];
  const prefix = tracking.pathname.replace(/\/+$/, '');
  return {
    service: `${tracking.protocol}//${host || tracking.host}${prefix}${servicePath}`,
    root: rootSegments(path),
    isTrackingServer: host === '' || host === tracking.host,
  };
}

/** `http://host/api/2.0/mlflow-artifacts/artifacts/path`, as older servers name their own service. */
function httpLocation(artifactUri: string, client: MlflowClient): ProxiedLocation {
  const url = new URL(artifactUri);
  const [, base, path] = /^(.*\/mlflow-artifacts)\/artifacts(?:\/(.*))?$/.exec(url.pathname) ?? [];
  if (base === undefined) {
    throw new UsageError(
      `The artifact root ${withoutSecrets(artifactUri)} is not the address of an MLflow artifact service.`,
      {
        hint: `It should look like ${url.origin}${servicePath}/artifacts/…`,
      },
    );
  }
  return {
    service: `${url.origin}${base}`,
    root: rootSegments(decodeURIComponent(path ?? '')),
    isTrackingServer: url.origin === new URL(client.trackingUri).origin,
  };
}

function rootSegments(path: string): string[] {
  return artifactSegments(
    path
      .split('/')
      .filter((segment) => segment !== '')
      .join('/'),
  );
}

function withoutSecrets(uri: string): string {
  return uri.replace(/\/\/[^/@]*@/, '//').replace(/\?.*$/, '');
}
