/** What the engine says of itself. */
export interface EngineInfo {
  readonly version: string;
  readonly apiVersion: string;
  readonly operatingSystem: string;
  readonly architecture: string;
  /** Names of the installed runtimes: `runc`, `nvidia`, … */
  readonly runtimes: readonly string[];
  readonly rootDirectory: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  /** True where it runs without root's rights: users inside its containers are others outside. */
  readonly isRootless: boolean;
}

export interface ImageSummary {
  readonly id: string;
  /** `name:tag`s. */
  readonly tags: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly sizeBytes: number;
  readonly createdAtMs: number;
}

export interface ImageDetails extends ImageSummary {
  readonly architecture: string;
  readonly user: string;
  readonly workingDirectory: string;
  readonly environment: readonly string[];
}

export interface Mount {
  /** Absolute folder or file on the engine's machine, or the name of a volume; null for an empty, temporary file system in memory. */
  readonly source: string | null;
  readonly target: string;
  readonly readOnly?: boolean;
  /** The most a temporary file system holds; the engine's default is half of the machine's memory. */
  readonly sizeMiB?: number;
}

export interface PortBinding {
  readonly containerPort: number;
  readonly hostPort: number;
  /** Default 127.0.0.1. */
  readonly hostAddress?: string;
}

export interface ContainerOptions {
  readonly name?: string;
  readonly image: string;
  /** Replaces the image's entry point where given; `[]` removes it. */
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  /** `uid:gid`. */
  readonly user?: string;
  /** Numbers of further groups of that user. */
  readonly groups?: readonly number[];
  readonly mounts?: readonly Mount[];
  readonly ports?: readonly PortBinding[];
  readonly readOnlyRoot?: boolean;
  /** Takes every capability away and forbids new privileges. */
  readonly unprivileged?: boolean;
  /** Forbids new privileges (set-uid programs) and leaves the capabilities. */
  readonly noNewPrivileges?: boolean;
  /** A first process that hands signals on and reaps orphans. */
  readonly init?: boolean;
  /** `bridge` (default), `host`, `none`. */
  readonly network?: string;
  /** As for `docker run --gpus`: `all`, a count, `device=0,1`; null for none. */
  readonly gpus?: string | null;
  readonly cpus?: number | null;
  readonly memoryMiB?: number | null;
  readonly shmMiB?: number | null;
  readonly pids?: number | null;
  /** `unless-stopped` for a service; default none. */
  readonly restart?: 'no' | 'always' | 'unless-stopped' | 'on-failure';
}

export interface ContainerStatus {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `NAME=value` of each variable it was made with, those of its image included: there may be secrets among them. */
  readonly environment: readonly string[];
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  readonly exitCode: number;
  readonly outOfMemory: boolean;
  /** The engine's own error at start or exit; null for none. */
  readonly error: string | null;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
}

export interface ContainerSummary {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `created`, `running`, `exited` and so on, in the engine's words. */
  readonly state: string;
  readonly createdAtMs: number;
}

/** Bytes that went one way and the other, since the container's start. */
export interface ByteCounters {
  readonly inBytes: number;
  readonly outBytes: number;
}

/** One reading of what a running container uses. */
export interface ContainerStats {
  /** Time that all its processes together have had on CPUs since its start, in seconds. */
  readonly cpuSeconds: number;
  /** CPUs of the engine's machine. */
  readonly cpus: number;
  /** As `docker stats` computes it: without the part of the page cache that can be dropped at once. */
  readonly memoryBytes: number;
  /** The container's own limit, else the machine's memory. */
  readonly memoryLimitBytes: number;
  readonly processes: number;
  /** Received and sent by all its interfaces; null where it has none of its own, as on the machine's network. */
  readonly network: ByteCounters | null;
  /** Read from and written to block devices; null where it has not, or where the kernel does not count it. */
  readonly blockIo: ByteCounters | null;
}

export interface BuildOptions {
  /** A tar archive. */
  readonly context: NodeJS.ReadableStream;
  /** Path of the Dockerfile inside the context. Default `Dockerfile`. */
  readonly dockerfile?: string;
  readonly target?: string;
  readonly tags: readonly string[];
  readonly buildArguments?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** Each line the build writes. */
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** Takes a piece of a container's output; `time` is that of its message, empty without `timestamps`. */
export type LogSink = (chunk: Buffer, time: string) => void | Promise<void>;

export interface LogOptions {
  readonly stdout: LogSink;
  readonly stderr: LogSink;
  /** Called when all that has arrived was handed on; nothing more is read until it resolves. */
  readonly onPause?: () => void | Promise<void>;
  /** Waits for more until the container ends. */
  readonly follow?: boolean;
  /** Tells the time of each message, as `2026-11-26T08:01:02.123456789Z`. */
  readonly timestamps?: boolean;
  /** Passes over the messages before this one's time, in the same form. */
  readonly since?: string;
  readonly signal?: AbortSignal;
}
