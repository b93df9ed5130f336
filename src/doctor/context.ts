import type { OnExchange } from '../util/http-exchange.ts';

/** What the person asked to have looked at. */
export interface DoctorRequest {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute folder of the project that is to run. */
  readonly projectDirectory: string;
  /** Absolute folder in which a run would keep its data; need not exist. */
  readonly storageDirectory: string;
  /** True where commands take the same folder without being told. */
  readonly isUsualStorage: boolean;
  readonly engine: 'auto' | 'docker' | 'host';
  /** The GPUs that are wanted, as for `--gpus`; null for none. */
  readonly gpus: string | null;
  /** The base image that was named; null for the usual one. */
  readonly baseImage: string | null;
  /** Hears of every request to an engine or a tracking server. */
  readonly onExchange?: OnExchange;
}

/** What every check is given. */
export interface DoctorContext extends DoctorRequest {
  readonly node: {
    /** `20.19.0` */
    readonly version: string;
    readonly platform: string;
    readonly architecture: string;
    /** Path of the Node.js that runs this. */
    readonly executable: string;
  };
  readonly user: { readonly uid: number; readonly gid: number };
  /** Aborted when all checks have ended or the person has stopped them: what several checks share lives as long. */
  readonly signal: AbortSignal;
  /** Called at the end of all checks, the last first. */
  atEnd(release: () => Promise<void>): void;
}

/** A context that can be closed. */
export interface OpenContext extends DoctorContext {
  /** Ends whatever the checks share. */
  close(): Promise<void>;
}

/** The context of one round of checks, on this machine and in this process. */
export function openContext(request: DoctorRequest, stop: AbortSignal): OpenContext {
  const over = new AbortController();
  const releases: (() => Promise<void>)[] = [];
  return {
    ...request,
    node: {
      version: process.versions.node,
      platform: process.platform,
      architecture: process.arch,
      executable: process.execPath,
    },
    user: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
    signal: AbortSignal.any([stop, over.signal]),
    atEnd: (release) => void releases.push(release),
    async close() {
      over.abort();
      for (const release of releases.reverse()) await release();
    },
  };
}

/**
 * Something that several checks look at, made once in each round of checks: `connect = shared(async (context) => …)`.
 * It lives by the context's signal, so that the time limit of one check does not take it from the others.
 */
export function shared<T>(make: (context: DoctorContext) => Promise<T>): (context: DoctorContext) => Promise<T> {
  const made = new WeakMap<DoctorContext, Promise<T>>();
  return (context) => {
    const present = made.get(context);
    if (present !== undefined) return present;
    const fresh = make(context);
    // Whoever waits gets the failure; nobody has to.
    fresh.catch(() => undefined);
    made.set(context, fresh);
    return fresh;
  };
}
