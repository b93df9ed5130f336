import { DockerEngine } from '../docker/index.ts';
import { UnavailableError, UsageError } from '../errors.ts';
import type { OnExchange } from '../util/http-exchange.ts';

/** Where a run executes, and why. */
export interface EngineChoice {
  readonly engine: 'docker' | 'host';
  /** What the person must know about it; null for Docker. */
  readonly notice: string | null;
  readonly docker?: DockerEngine;
}

/**
 * Chooses the engine. `docker` must answer, `host` is taken at its word, `auto` is Docker where one answers and
 * otherwise the host. The host comes with a notice of what it loses.
 * Throws UnavailableError that says why an engine that was asked for cannot be had.
 */
export async function chooseEngine(options: {
  readonly requested: 'docker' | 'host' | 'auto';
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  /** Hears of every request to the engine. */
  readonly onExchange?: OnExchange;
}): Promise<EngineChoice> {
  const { requested, environment } = options;
  if (requested === 'host') {
    return { engine: 'host', notice: `The run executes directly on this machine (--engine host). ${losses}` };
  }
  try {
    const docker = await DockerEngine.connect(options);
    if (!docker.isLocal) throw remote(docker.endpoint);
    return { engine: 'docker', notice: null, docker };
  } catch (error) {
    // An engine that someone named is one that they want.
    if (requested === 'docker' || environment.DOCKER_HOST || !(error instanceof UnavailableError)) throw error;
    return { engine: 'host', notice: hostNotice(error) };
  }
}

function remote(endpoint: string): UsageError {
  return new UsageError(
    `The Docker engine at ${endpoint} runs on another machine, which cannot mount this machine's storage folder.`,
    { hint: 'Launch on that machine, unset DOCKER_HOST, or use --engine host.' },
  );
}

const losses = [
  'What that loses: there is no image of the commit to run again, the program has all rights of your user,',
  "memory and CPU limits do not hold, and it uses this machine's own Node.js and libraries.",
].join(' ');

function hostNotice(error: UnavailableError): string {
  const instead = `${error.message} The run executes directly on this machine instead (--engine host). ${losses}`;
  return error.hint === undefined ? instead : `${instead} ${error.hint}`;
}
