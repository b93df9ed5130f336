/** What the process hands to every command. */
export interface CommandContext {
  /** Aborted by the first SIGINT or SIGTERM, with the signal's name as the reason. */
  readonly politeStop: AbortSignal;
  /** Aborted by the second. */
  readonly forcedStop: AbortSignal;
}

/** Sets the exit code of the process. */
export type Done = (exitCode: number) => void;
