import type { DockerEngine } from '../docker/index.ts';
import type { OnExchange } from '../util/http-exchange.ts';

/** A running embedded tracking server, as recorded in `<storage>/mlflow/server.json`. */
export interface TrackingServer {
  /** `http://127.0.0.1:<port>` */
  readonly uri: string;
  readonly port: number;
  /** How it runs: a container of the Docker engine, or a process from a Python virtual environment. */
  readonly kind: 'docker' | 'python';
  readonly mlflowVersion: string;
  /** Container id or process id. */
  readonly id: string;
  readonly startedAtMs: number;
  /** Who started it; null where an earlier version did. */
  readonly owner: { readonly uid: number; readonly name: string } | null;
}

/** A tracking server one may use now. */
export interface ReadyTrackingServer extends TrackingServer {
  /** True where it ran already. */
  readonly reused: boolean;
}

export interface TrackingServerOptions {
  readonly storageDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** An engine the caller is connected to already; null for none; looked for where it is not given. */
  readonly docker?: DockerEngine | null;
  readonly signal?: AbortSignal;
  /** Hears of every request over HTTP, to the server and to the engine. */
  readonly onExchange?: OnExchange;
}

export interface EnsureTrackingServerOptions extends TrackingServerOptions {
  /** `auto`: a container where an engine answers, else a process. */
  readonly prefer: 'docker' | 'python' | 'auto';
  /** A live line of what is being done; `line` is the whole line that it was made of, where there is one. */
  readonly onProgress: (text: string, line?: string) => void;
  /** Something a person should know: a port other than the usual one, a way that does not work. */
  readonly onNotice: (text: string) => void;
}

/** What starting needs, whichever way the server runs. */
export interface StartContext extends EnsureTrackingServerOptions {
  readonly paths: TrackingPaths;
  readonly port: number;
}

/** A server that was started and may not answer yet. */
export interface StartedServer {
  readonly kind: TrackingServer['kind'];
  readonly id: string;
  /** How it ended; null while it runs. */
  readonly ended: () => Promise<string | null>;
  /** Last lines it wrote, where they are not in the log file. */
  readonly lastLines?: () => Promise<readonly string[]>;
}

/** Files of the embedded server. */
export interface TrackingPaths {
  /** `<storage>/mlflow`: the database, the artifacts, the log and the record. */
  readonly directory: string;
  readonly database: string;
  readonly record: string;
  readonly log: string;
  /** Served as an artifact: whoever reads its content through a port knows that the server there is this storage's. */
  readonly identity: string;
  /** Digest of the storage folder's real path: names the lock, the container and the processes. */
  readonly key: string;
}
