import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { environment } from '../config.ts';
import { ExitCode, SlipwayError, UsageError } from '../errors.ts';
import { inheritedEnvironment } from '../util/inherited-environment.ts';
import { packageRoot } from '../util/package-root.ts';
import { trainerCommand } from './names.ts';

export interface AskOptions {
  /** Where relative paths of the question start from. */
  readonly directory?: string;
  /** Variables besides those that a project's code inherits: to be asked may run classes of the project's own. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * Runs the trainer on this machine, for a question that it answers at once, without TensorFlow. Returns what it printed.
 * Throws UsageError in the trainer's own words where what it was given is wrong.
 */
export function askTrainer(question: readonly string[], options: AskOptions = {}): Promise<string> {
  const program = join(packageRoot(), 'bin', trainerCommand);
  // Inside a run the trainer would take the question for a training of that run.
  const { SLIPWAY_RUN_DIR: _run, ...inherited } = inheritedEnvironment(environment());
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [program, ...question],
      { cwd: options.directory, env: { ...inherited, ...options.variables }, signal: options.signal },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else if (options.signal?.aborted) reject(options.signal.reason);
        else reject(refusal(error, stderr));
      },
    );
  });
}

function refusal(error: Error & { readonly code?: unknown }, stderr: string): SlipwayError {
  const [message = '', ...rest] = stderr.trim().split('\n');
  if (error.code === ExitCode.usage && message !== '') {
    return new UsageError(message, { cause: error, ...(rest.length === 0 ? {} : { hint: rest.join(' ') }) });
  }
  const words = stderr.trim() || error.message;
  return new SlipwayError(`The trainer could not be asked: ${words}`, { exitCode: ExitCode.internal, cause: error });
}
