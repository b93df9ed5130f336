import type { CommandModule } from 'yargs';
import { environment } from '../config.ts';
import { ExitCode } from '../errors.ts';
import type { CommandContext, Done } from './context.ts';
import { type Example, examplesText } from './help-text.ts';
import { withOutputOptions } from './output-options.ts';
import { chooseVerbosity } from './verbosity.ts';

/** What a verb that goes back to a run of this machine says of itself. */
export interface WatchAgainVerb {
  readonly verb: string;
  readonly describe: string;
  readonly examples: readonly Example[];
  /** What its exit codes mean. */
  readonly exitCodes: string;
  /** True where the verb has failed unless all of the run is on a server at its end. */
  readonly mustArrive?: boolean;
}

/** A verb that takes a run and shows it to its end; where its agent has ended early, another takes the run over. */
export function watchAgainCommand(
  { verb, describe, examples, exitCodes, mustArrive }: WatchAgainVerb,
  context: CommandContext,
  done: Done,
): CommandModule<object, Record<string, unknown>> {
  return {
    command: `${verb} <run>`,
    describe,
    builder: (arguments_) =>
      withOutputOptions(
        arguments_
          .positional('run', {
            type: 'string',
            demandOption: true,
            describe: 'The run: its id, its id in MLflow, the start of either, or its name',
          })
          .option('storage', {
            type: 'string',
            describe: 'Storage folder the run lies in, where it is not the default one',
          })
          .group(['storage'], 'Where it lies:'),
        { json: 'events' },
      ).epilogue(`${examplesText(examples)}\n\n${exitCodes}`),
    async handler(given) {
      const [{ attachRun }, { openReporter }] = await Promise.all([
        import('../launch/index.ts'),
        import('./reporter.ts'),
      ]);
      const reporter = openReporter(given, environment());
      try {
        const result = await attachRun(String(given.run), {
          ...context,
          sink: reporter.sink,
          environment: environment(),
          storage: given.storage === undefined ? null : String(given.storage),
          debug: chooseVerbosity(given, environment()) === 'debug',
        });
        done(mustArrive === true && !result.drained ? ExitCode.unavailable : result.exitStatus);
      } finally {
        reporter.close();
      }
    },
  };
}
