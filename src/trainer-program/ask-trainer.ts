import { fork } from 'node:child_process';
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
    const child = fork(program, question, {
      ...{ cwd: options.directory, env: { ...inherited, ...options.variables }, signal: options.signal },
      ...{ execArgv: [], silent: true },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    let answered: number | null = null;
    child.on('message', (exitCode: number) => {
      answered = exitCode;
      // What a class of the project left open, such as a timer, would keep a program waiting that has answered.
      child.kill('SIGKILL');
    });
    child.on('error', (error) => reject(options.signal?.aborted ? options.signal.reason : error));
    child.on('close', (code, signal) => {
      const exitCode = answered ?? code;
      if (exitCode === ExitCode.ok && stdout.trim() !== '') resolve(stdout);
      else reject(refusal(exitCode, stderr.trim() || `it ended by ${signal ?? `code ${code}`} without an answer`));
    });
  });
}

function refusal(exitCode: number | null, words: string): SlipwayError {
  const [message = '', ...rest] = words.split('\n');
  if (exitCode === ExitCode.usage) return new UsageError(message, rest.length === 0 ? {} : { hint: rest.join(' ') });
  return new SlipwayError(`The trainer could not be asked: ${words}`, { exitCode: ExitCode.internal });
}
