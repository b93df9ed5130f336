import { formatBytes } from './format.ts';

/**
 * One request over HTTP and what became of it, for whoever looks for a fault. It holds nothing that is secret: no
 * headers, no bodies, no user info, no query that signs an address.
 */
export interface HttpExchange {
  /** GET, POST, … */
  readonly method: string;
  /** The path; for an address that is not the service's own, its origin too. */
  readonly target: string;
  /** Null where no reply came. */
  readonly status: number | null;
  /** Why no whole reply came, in a word or a sentence; null where one did, whatever it says. */
  readonly failure: string | null;
  /** From the request's start to the end of the reply, or to its failure. */
  readonly durationMs: number;
  /** Bytes of the request's body; null where that is not known. */
  readonly sentBytes: number | null;
  /** Bytes of the reply's body; null where that is not known. */
  readonly receivedBytes: number | null;
  /** 0 for the first try. */
  readonly retry: number;
}

/** Hears of every request, once its reply has come or has failed to; must not throw. */
export type OnExchange = (exchange: HttpExchange) => void;

const longestTarget = 160;

/** `POST /api/2.0/mlflow/runs/log-batch  200  33 ms  sent 1.2 KB  received 3 B  retry 1` */
export function exchangeText(exchange: HttpExchange): string {
  const { method, target, status, failure, durationMs, sentBytes, receivedBytes, retry } = exchange;
  const shown = target.length <= longestTarget ? target : `${target.slice(0, longestTarget)}…`;
  return [
    `${method} ${shown}`,
    status === null ? '' : String(status),
    failure ?? '',
    `${Math.round(durationMs)} ms`,
    sentBytes ? `sent ${formatBytes(sentBytes)}` : '',
    receivedBytes ? `received ${formatBytes(receivedBytes)}` : '',
    retry === 0 ? '' : `retry ${retry}`,
  ]
    .filter((part) => part !== '')
    .join('  ');
}
