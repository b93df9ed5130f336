import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode, UsageError } from '../errors.ts';

/** Where a Docker engine listens. */
export type DockerEndpoint =
  | { readonly kind: 'unix'; readonly socketPath: string }
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly tls: { readonly ca: string; readonly cert: string; readonly key: string } | null;
    }
  | { readonly kind: 'ssh'; readonly host: string; readonly port: number | null; readonly user: string | null };

type Environment = Readonly<Record<string, string | undefined>>;

const defaultSocketPath = '/var/run/docker.sock';
const clientConfiguration = z.object({ currentContext: z.string().nullish() });
const contextMetadata = z.object({
  Endpoints: z.object({ docker: z.object({ Host: z.string().nullish() }).nullish() }),
});

/**
 * Finds the engine as the `docker` command does: DOCKER_HOST, the current context (DOCKER_CONTEXT or the client's
 * configuration), then the first socket that exists: the system's, the rootless one, Docker Desktop's.
 */
export function resolveEndpoint(environment: Environment): DockerEndpoint {
  const host = environment.DOCKER_HOST || contextHost(environment);
  if (host) return parseHost(host, environment);
  const home = environment.HOME ?? '';
  const candidates = [
    defaultSocketPath,
    environment.XDG_RUNTIME_DIR ? join(environment.XDG_RUNTIME_DIR, 'docker.sock') : '',
    home ? join(home, '.docker/run/docker.sock') : '',
  ];
  const socketPath = candidates.find((path) => path !== '' && existsSync(path)) ?? defaultSocketPath;
  return { kind: 'unix', socketPath };
}

/** The endpoint as a person would write it. */
export function endpointText(endpoint: DockerEndpoint): string {
  if (endpoint.kind === 'unix') return endpoint.socketPath;
  return `${endpoint.kind}://${endpoint.host}${endpoint.port === null ? '' : `:${endpoint.port}`}`;
}

function contextHost(environment: Environment): string | undefined {
  const directory = environment.DOCKER_CONFIG ?? (environment.HOME ? join(environment.HOME, '.docker') : undefined);
  if (directory === undefined) return undefined;
  const configuration = readJson(join(directory, 'config.json'), clientConfiguration);
  const context = environment.DOCKER_CONTEXT || configuration?.currentContext;
  if (!context || context === 'default') return undefined;
  // The client keeps each context in a folder named by the digest of its name.
  const folder = createHash('sha256').update(context).digest('hex');
  const file = join(directory, 'contexts', 'meta', folder, 'meta.json');
  const metadata = readJson(file, contextMetadata);
  if (!metadata) {
    throw new UsageError(`The Docker context "${context}" does not exist: there is no ${file}.`, {
      hint: 'Choose another one (`docker context ls`), or unset DOCKER_CONTEXT.',
    });
  }
  return metadata.Endpoints.docker?.Host ?? undefined;
}

const mendFile = 'Mend or remove it, or name the engine with DOCKER_HOST.';

function readJson<T>(file: string, schema: z.ZodType<T>): T | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new UsageError(`The Docker client's file ${file} cannot be read.`, { hint: mendFile, cause: error });
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new UsageError(`The Docker client's file ${file} is not what was expected.`, {
      hint: mendFile,
      cause: error,
    });
  }
}

function parseHost(value: string, environment: Environment): DockerEndpoint {
  if (value.startsWith('unix://'))
    return { kind: 'unix', socketPath: value.slice('unix://'.length) || defaultSocketPath };
  const text = value.includes('://') ? value : `tcp://${value}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.hostname === '') {
    throw new UsageError(`DOCKER_HOST is "${value}", but must be unix:///path, tcp://host:port or ssh://user@host.`, {
      hint: 'Correct it, or unset it for the engine of this machine.',
    });
  }
  if (url.protocol === 'ssh:') {
    return {
      kind: 'ssh',
      host: url.hostname,
      port: url.port === '' ? null : Number(url.port),
      user: url.username === '' ? null : url.username,
    };
  }
  if (!['tcp:', 'http:', 'https:'].includes(url.protocol)) {
    throw new UsageError(`DOCKER_HOST has the scheme "${url.protocol}//", but must have unix://, tcp:// or ssh://.`, {
      hint: 'Correct it, or unset it for the engine of this machine.',
    });
  }
  const secure = url.protocol === 'https:' || (environment.DOCKER_TLS_VERIFY ?? '') !== '' || url.port === '2376';
  const port = url.port === '' ? (secure ? 2376 : 2375) : Number(url.port);
  return { kind: 'tcp', host: url.hostname, port, tls: secure ? readCertificates(environment) : null };
}

function readCertificates(environment: Environment): { ca: string; cert: string; key: string } {
  const directory = environment.DOCKER_CERT_PATH || join(environment.HOME ?? '', '.docker');
  const read = (name: string): string => {
    try {
      return readFileSync(join(directory, name), 'utf8');
    } catch (error) {
      throw new UsageError(`The engine wants TLS, and ${join(directory, name)} cannot be read.`, {
        hint: 'Set DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem.',
        cause: error,
      });
    }
  };
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
}
