export type { ProxyOptions, TlsOptions } from './dispatchers.ts';
export {
  ConnectionError,
  type ConnectionFailure,
  type FailedReply,
  HttpError,
  type HttpErrorOptions,
  isTransientStatus,
} from './errors.ts';
export {
  type HttpBody,
  HttpClient,
  type HttpClientOptions,
  type HttpReply,
  type HttpRequest,
} from './http-client.ts';
export { maskSecrets } from './mask.ts';
export { defaultRetryRules, type RetryPolicy, type RetryRules } from './retry.ts';
export { loadUndici } from './undici.ts';
