import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { errorCode, errorMessage } from '../errors.ts';
import { giveToGroup, isGroupFolder } from '../util/group-folder.ts';
import type { OnExchange } from '../util/http-exchange.ts';
import { identityArtifact } from './paths.ts';
import type { TrackingPaths } from './types.ts';

/** What answers at a server's address. */
export type ProbeResult =
  /** The storage's own server. */
  | { readonly state: 'ours'; readonly mlflowVersion: string }
  /** Something else: another storage's server, or no MLflow at all. */
  | { readonly state: 'other' }
  | { readonly state: 'silent' };

export interface ProbeOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Hears of every request. */
  readonly onExchange?: OnExchange;
}

/**
 * Asks a port whether this storage's server answers there. Its health and version alone do not tell: any other MLflow
 * server may have taken the port. So it must also hand out this storage's identity file, as an artifact.
 */
export async function probeServer(uri: string, paths: TrackingPaths, options: ProbeOptions): Promise<ProbeResult> {
  const [identity, version, ownIdentity] = await Promise.all([
    get(`${uri}/api/2.0/mlflow-artifacts/artifacts/${identityArtifact}`, options),
    get(`${uri}/version`, options),
    readIdentity(paths),
  ]);
  if (identity === null || version === null) return { state: 'silent' };
  const ours = identity.status === 200 && version.status === 200 && identity.body === ownIdentity;
  return ours ? { state: 'ours', mlflowVersion: version.body.trim() } : { state: 'other' };
}

/** Writes the storage's identity file where it has none, whole; of several callers the first one's counts. */
export async function ensureIdentity(paths: TrackingPaths): Promise<string> {
  const found = await readIdentity(paths);
  if (found !== null) return found;
  const fresh = join(paths.directory, `.${randomBytes(8).toString('hex')}`);
  try {
    await writeFile(fresh, randomBytes(16).toString('hex'));
    if (isGroupFolder(paths.directory)) giveToGroup(fresh);
    await link(fresh, paths.identity);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    // An empty one is what a full disk has left.
    if ((await readIdentity(paths)) === null) await rename(fresh, paths.identity);
  } finally {
    await rm(fresh, { force: true });
  }
  return (await readIdentity(paths)) as string;
}

/** What the storage's server hands out as a sign that it is this storage's; null where it has none yet. */
export async function readIdentity(paths: TrackingPaths): Promise<string | null> {
  try {
    return (await readFile(paths.identity, 'utf8')) || null;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/**
 * One GET, without the client that talks to tracking servers: loading that takes longer than this whole check.
 * Null where nothing answers in time; the signal's reason where it is aborted.
 */
async function get(url: string, options: ProbeOptions): Promise<{ status: number; body: string } | null> {
  const startedMs = performance.now();
  const tell = (status: number | null, failure: string | null, receivedBytes: number | null): void => {
    const durationMs = performance.now() - startedMs;
    const target = new URL(url).pathname;
    options.onExchange?.({ method: 'GET', target, status, failure, durationMs, sentBytes: 0, receivedBytes, retry: 0 });
  };
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  try {
    return await new Promise((resolve, reject) => {
      request(url, { agent: false, signal }, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          // An answer longer than this is none of ours.
          if (body.length < 4096) body += text;
        });
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          tell(status, null, Buffer.byteLength(body));
          resolve({ status, body });
        });
        response.on('error', reject);
      })
        .on('error', reject)
        .end();
    });
  } catch (error) {
    tell(null, errorCode(error) ?? errorMessage(error), null);
    options.signal?.throwIfAborted();
    return null;
  }
}
