/** Exit codes of the `slipway` command, after sysexits.h where that has a name for the case. */
export const ExitCode = {
  ok: 0,
  failed: 1,
  usage: 64,
  unavailable: 69,
  internal: 70,
  cannotWrite: 73,
  notDrained: 75,
  interrupted: 130,
  left: 131,
  terminated: 143,
} as const;

/** What an error tells beside its message. */
export interface SlipwayErrorOptions {
  /** What the process should exit with; defaults to the class's own code. */
  readonly exitCode?: number;
  /** What the person should do next: one short sentence or a command. */
  readonly hint?: string;
  /** What it came from. */
  readonly cause?: unknown;
}

/** An error a person can act on: its message is one clear sentence, shown without a stack trace. */
export class SlipwayError extends Error {
  /** What the `slipway` command exits with. */
  readonly exitCode: number;
  /** What the person should do next: one short sentence or a command. */
  readonly hint: string | undefined;

  constructor(message: string, options: SlipwayErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.exitCode = options.exitCode ?? ExitCode.failed;
    this.hint = options.hint;
  }
}

/** The request itself is wrong: arguments, MLproject, parameters, data. Exit code 64. */
export class UsageError extends SlipwayError {
  constructor(message: string, options: SlipwayErrorOptions = {}) {
    super(message, { exitCode: ExitCode.usage, ...options });
  }
}

/** An engine, a server or another service the run needs cannot be had. Exit code 69. */
export class UnavailableError extends SlipwayError {
  constructor(message: string, options: SlipwayErrorOptions = {}) {
    super(message, { exitCode: ExitCode.unavailable, ...options });
  }
}

/** A file or folder cannot be written. Exit code 73. */
export class CannotWriteError extends SlipwayError {
  constructor(message: string, options: SlipwayErrorOptions = {}) {
    const hint = 'Is its disk full, or does the folder belong to another user?';
    super(message, { exitCode: ExitCode.cannotWrite, hint, ...options });
  }
}

/** The text of an unknown thrown value. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a Node.js system error (`ENOENT`), or undefined. */
export function errorCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}
