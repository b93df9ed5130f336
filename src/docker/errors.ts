import { errorCode, errorMessage, SlipwayError, UnavailableError } from '../errors.ts';
import { type DockerEndpoint, endpointText } from './endpoint.ts';

/** The engine refused a request. */
export class DockerApiError extends SlipwayError {
  /** HTTP status: 404 for what does not exist, 409 for a conflict, 500 for most start errors. */
  readonly statusCode: number;
  /** The engine's own words. */
  readonly reason: string;

  constructor(request: string, statusCode: number, reason: string) {
    super(`Docker refused ${request}: ${reason}`, {
      hint: "The words are the engine's own; --debug shows each request to it.",
    });
    this.statusCode = statusCode;
    this.reason = reason;
  }
}

/** An image could not be built; `lastLines` is what the failing step wrote last. */
export class ImageBuildError extends SlipwayError {
  /** The instruction that failed (`Step 4/9 : RUN …`), or null where none had begun. */
  readonly step: string | null;
  readonly lastLines: readonly string[];

  constructor(step: string | null, reason: string, lastLines: readonly string[]) {
    const tail = lastLines.length === 0 ? '' : `\n${lastLines.map((line) => `  ${line}`).join('\n')}`;
    super(`The image could not be built: ${failureText(step, reason)}${tail}`, {
      hint: 'Mend what that step does; --verbose shows all that the build writes.',
    });
    this.step = step;
    this.lastLines = lastLines;
  }
}

/** The engine repeats the whole command of a step that ended badly: its exit code is what it adds. */
function failureText(step: string | null, reason: string): string {
  if (step === null) return reason;
  const exitCode = /^The command '.*' returned a non-zero code: (\d+)$/s.exec(reason)?.[1];
  return exitCode === undefined ? `${step} failed: ${reason}` : `${step} ended with exit code ${exitCode}.`;
}

/** Turns what a failed connection says into what a person can do about it. */
export function connectionError(endpoint: DockerEndpoint, error: unknown): UnavailableError {
  const where = endpointText(endpoint);
  const code = errorCode(error);
  if (code === 'EACCES' || code === 'EPERM') {
    return new UnavailableError(
      `The Docker engine at ${where} refuses this user: permission on its socket is denied.`,
      {
        hint: 'Join the group that owns the socket (`sudo usermod -aG docker "$USER"`, then log in again), or use --engine host.',
        cause: error,
      },
    );
  }
  if (code === 'ENOENT') {
    return new UnavailableError(`No Docker engine runs here: there is no socket at ${where}.`, {
      hint: 'Start or install one with `make engine`, set DOCKER_HOST, or use --engine host.',
      cause: error,
    });
  }
  if (code === 'ECONNREFUSED') {
    return new UnavailableError(`No Docker engine answers at ${where}: nothing listens there.`, {
      hint: 'Start it with `make engine`, or use --engine host.',
      cause: error,
    });
  }
  return new UnavailableError(`The Docker engine at ${where} does not answer: ${errorMessage(error)}.`, {
    hint: 'Check DOCKER_HOST and that the engine runs, or use --engine host.',
    cause: error,
  });
}
