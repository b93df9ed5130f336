import { createRequire } from 'node:module';
import type { Agent, Dispatcher, EnvHttpProxyAgent } from 'undici';
import { errorCode } from '../errors.ts';

/** The parts of undici this project uses. */
export interface UndiciParts {
  readonly Agent: typeof Agent;
  /** Loads what only connections through a proxy need: the whole module. */
  readonly loadProxyAgent: () => typeof EnvHttpProxyAgent;
  /** `Dispatcher.prototype.request`, to be called with a dispatcher as `this`. */
  readonly request: (this: Dispatcher, options: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData>;
}

/** The whole module, and where it keeps `request`. */
type Undici = Pick<UndiciParts, 'Agent'> & {
  readonly EnvHttpProxyAgent: typeof EnvHttpProxyAgent;
  readonly Dispatcher: { readonly prototype: Pick<UndiciParts, 'request'> };
};

/**
 * Loads the parts alone: undici's main module also loads fetch, WebSocket, caches and mocks, three times the
 * start-up time. Where a later version has them elsewhere, the main module does.
 */
export function loadUndici(load: (name: string) => unknown = createRequire(import.meta.url)): UndiciParts {
  const loadProxyAgent = () => (load('undici') as Undici).EnvHttpProxyAgent;
  try {
    const { request } = load('undici/lib/api/index.js') as Pick<UndiciParts, 'request'>;
    return { Agent: load('undici/lib/dispatcher/agent.js') as UndiciParts['Agent'], request, loadProxyAgent };
  } catch (error) {
    if (errorCode(error) !== 'MODULE_NOT_FOUND' && errorCode(error) !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error;
    const { Agent, Dispatcher } = load('undici') as Undici;
    return { Agent, request: Dispatcher.prototype.request, loadProxyAgent };
  }
}
