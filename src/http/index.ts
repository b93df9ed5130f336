export type { ProxyOptions, TlsOptions } from './dispatchers.ts';
export {
  ConnectionError,
  type ConnectionFailure,
  type FailedReply,
  HttpError,
  type HttpErrorOptions,
  isTransientStatus,
} from './errors.ts';
export { HttpClient, type HttpClientOptions } from './http-client.ts';
export type { HttpBody, HttpReply, HttpRequest } from './messages.ts';
export { defaultRetryRules, type RetryPolicy, type RetryRules } from './retry.ts';
export { loadUndici } from './undici.ts';
