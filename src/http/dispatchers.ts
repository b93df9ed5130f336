import type { Dispatcher } from 'undici';
import type { UndiciParts } from './undici.ts';

/** TLS settings of all connections: PEM texts. `ca` replaces the system's roots. */
export interface TlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized?: boolean;
}

/** Forward proxies, as `http_proxy`, `https_proxy` and `no_proxy` name them. Loopback addresses never use one. */
export interface ProxyOptions {
  readonly httpProxy?: string;
  readonly httpsProxy?: string;
  readonly noProxy?: string;
}

export interface DispatcherOptions {
  readonly tls?: TlsOptions;
  readonly proxy?: ProxyOptions;
  /** Defaults to 10 s. */
  readonly connectTimeoutMs?: number;
}

/** The connections of one client: direct ones, and those through a proxy where one is configured. */
export class Dispatchers {
  readonly #parts: UndiciParts;
  readonly #options: DispatcherOptions;
  #direct: Dispatcher | undefined;
  #proxied: Dispatcher | undefined;

  constructor(parts: UndiciParts, options: DispatcherOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  /** The dispatcher for an address. */
  for(url: URL): Dispatcher {
    const { proxy } = this.#options;
    if (proxy === undefined || isLoopback(url.hostname)) {
      this.#direct ??= new this.#parts.Agent({ connect: this.#connect() });
      return this.#direct;
    }
    if (this.#proxied !== undefined) return this.#proxied;
    const ProxyAgent = this.#parts.loadProxyAgent();
    this.#proxied = new ProxyAgent({
      connect: this.#connect(),
      requestTls: this.#connect(),
      // Plain http is asked of the proxy itself, as every client does it: many proxies tunnel to port 443 only.
      proxyTunnel: false,
      // Given in full, so that nothing is read from the process's environment behind our back.
      httpProxy: proxy.httpProxy ?? '',
      httpsProxy: proxy.httpsProxy ?? '',
      noProxy: proxy.noProxy ?? '',
    });
    return this.#proxied;
  }

  /** Closes all connections at once. */
  async destroy(): Promise<void> {
    await Promise.all([this.#direct?.destroy(), this.#proxied?.destroy()]);
  }

  #connect(): TlsOptions & { readonly timeout: number } {
    return { ...this.#options.tls, timeout: this.#options.connectTimeoutMs ?? 10_000 };
  }
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}
