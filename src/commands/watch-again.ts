import type { CommandModule } from 'yargs';
import { environment } from '../config.ts';
import type { CommandContext, Done } from './context.ts';

/** What a verb that goes back to a run of this machine says of itself. */
export interface WatchAgainVerb {
  readonly verb: string;
  readonly describe: string;
  readonly examples: readonly (readonly [command: string, describe: string])[];
}

/** A verb that takes a run and shows it to its end; where its agent has ended early, another takes the run over. */
export function watchAgainCommand(
  { verb, describe, examples }: WatchAgainVerb,
  context: CommandContext,
  done: Done,
): CommandModule<object, Record<string, unknown>> {
  return {
    command: `${verb} <run>`,
    describe,
    builder: (arguments_) =>
      arguments_
        .positional('run', { type: 'string', demandOption: true, describe: 'Run id, MLflow id, their start, or name' })
        .option('storage', { type: 'string', describe: 'Storage folder the run lies in' })
        .option('json', { type: 'boolean', default: false, describe: 'One JSON object an event on standard output' })
        .option('color', { type: 'boolean', describe: 'Colours and a live display' })
        .example(examples as [string, string][]),
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
        });
        done(result.exitStatus);
      } finally {
        reporter.close();
      }
    },
  };
}
