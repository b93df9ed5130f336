import { createRequire } from 'node:module';
import type { Agent, Dispatcher, EnvHttpProxyAgent } from 'undici';
import { errorCode } from '../errors.ts';

/** The parts of undici this project uses. */
export interface UndiciParts {
  readonly Agent: typeof Agent;
  readonly EnvHttpProxyAgent: typeof EnvHttpProxyAgent;
  /** `Dispatcher.prototype.request`, to be called with a dispatcher as `this`. */
  readonly request: (this: Dispatcher, options: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData>;
}

/**
 * Loads the parts alone: undici's main module also loads fetch, WebSocket, caches and mocks, three times the
 * start-up time. Where a later version has them elsewhere, the main module does.
 */
export function loadUndici(load: (name: string) => unknown = createRequire(import.meta.url)): UndiciParts {
  try {
    const { request } = load('undici/lib/api/index.js') as Pick<UndiciParts, 'request'>;
    return {
      request,
      Agent: load('undici/lib/dispatcher/agent.js') as UndiciParts['Agent'],
      EnvHttpProxyAgent: load('undici/lib/dispatcher/env-http-proxy-agent.js') as UndiciParts['EnvHttpProxyAgent'],
    };
  } catch (error) {
    if (errorCode(error) !== 'MODULE_NOT_FOUND' && errorCode(error) !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error;
    const undici = load('undici') as Omit<UndiciParts, 'request'> & { Dispatcher: { prototype: UndiciParts } };
    return {
      Agent: undici.Agent,
      EnvHttpProxyAgent: undici.EnvHttpProxyAgent,
      request: undici.Dispatcher.prototype.request,
    };
  }
}
