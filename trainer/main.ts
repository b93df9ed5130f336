import { ExitCode, errorMessage, SlipwayError } from '../src/errors.ts';
import { parseArguments } from './arguments.ts';
import { trainerEnvironment } from './config.ts';
import type { Configuration } from './configuration/configuration.ts';
import { parametersAsJsonSchema, parametersHelp } from './parameters.ts';

const { stdout, stderr } = process;
const [writeOut, writeError] = [stdout.write.bind(stdout), stderr.write.bind(stderr)];

/** By then a program that is done has ended. */
const leftoversAfterMs = 5000;

const output = {
  line: (text: string): void => {
    writeOut(`${text}\n`);
  },
  warn: (text: string): void => {
    writeError(`${text}\n`);
  },
};

/** A check answers with JSON or one refusal: what classes of a person's own, or Node.js of them, print is neither. */
function silenceCode(): void {
  const drop = (...[, ...rest]: unknown[]): boolean => {
    const done = rest.find((argument) => typeof argument === 'function') as (() => void) | undefined;
    if (done !== undefined) process.nextTick(done);
    return true;
  };
  stdout.write = drop;
  stderr.write = drop;
}

/** One sentence for what a person can act on, and the whole trace for a defect of ours. Returns the exit code. */
function explain(error: unknown): number {
  if (!(error instanceof SlipwayError)) {
    output.warn(error instanceof Error ? (error.stack ?? error.message) : errorMessage(error));
    return ExitCode.internal;
  }
  output.warn(error.message);
  if (error.hint !== undefined) output.warn(error.hint);
  return error.exitCode;
}

async function main(argv: readonly string[]): Promise<number> {
  const environment = trainerEnvironment();
  let request: ReturnType<typeof parseArguments>;
  let configuration: Configuration | null = null;
  try {
    request = parseArguments(argv);
    if (request.kind === 'check' || request.kind === 'train') {
      const [{ configurationOf }, { loadOwnClasses }, { toldWithPlace }] = await Promise.all([
        import('./configuration/configuration.ts'),
        import('./configuration/own-classes/index.ts'),
        import('./configuration/own-classes/code-place.ts'),
      ]);
      if (request.kind === 'check') silenceCode();
      const runsCode = request.kind === 'train' || request.runsCode;
      const own = await loadOwnClasses(request.settings, { workingDirectory: process.cwd(), runsCode });
      try {
        configuration = configurationOf(request.settings, environment.storageDirectory, own);
      } catch (error) {
        throw toldWithPlace(error, request.settings.parameters, process.cwd());
      }
    }
  } catch (error) {
    if (environment.runDirectory !== null) {
      const { recordEarlyFailure } = await import('./run.ts');
      recordEarlyFailure(environment.runDirectory, errorMessage(error));
    }
    throw error;
  }
  if (request.kind === 'help') process.stdout.write(parametersHelp());
  else if (request.kind === 'describe') output.line(JSON.stringify(parametersAsJsonSchema(), null, 2));
  else if (request.kind === 'check') output.line(JSON.stringify(configuration?.flattened, null, 2));
  else if (request.kind === 'self-check') {
    const { selfCheck } = await import('./self-check.ts');
    const answer = selfCheck(environment);
    output.line(JSON.stringify(answer));
    if (!answer.ok) return ExitCode.failed;
  } else {
    const { runTraining } = await import('./run.ts');
    await runTraining(configuration as Configuration, environment, output);
  }
  return ExitCode.ok;
}

/** Says what keeps a program that is done from ending: only a class of a person's own leaves something open. */
function tellLeftovers(): void {
  const open = [...new Set(process.getActiveResourcesInfo())];
  output.warn(
    `The program is done, but what a class of the project left open keeps it from ending: ${open.join(', ')}.`,
  );
  output.warn('Open such things in open() of a data loader, not when a file is imported, and close them in close().');
}

process.exitCode = await main(process.argv.slice(2)).catch(explain);
// Who asked a question need not wait for what is left open.
process.send?.(process.exitCode);
setTimeout(tellLeftovers, leftoversAfterMs).unref();
