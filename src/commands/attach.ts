import type { CommandModule } from 'yargs';
import { environment } from '../config.ts';
import type { CommandContext, Done } from './context.ts';
import { examplesText } from './help-text.ts';
import { keysText, tellKeys, untilLeft } from './leave.ts';
import { wantsJson, withOutputOptions } from './output-options.ts';
import { withStorageOption } from './storage-option.ts';
import { chooseVerbosity } from './verbosity.ts';

const epilogue = `${examplesText([
  ['slipway attach swift-heron-417', 'By its name'],
  ['slipway attach 20261121-0345', 'By the start of its id'],
  ['slipway attach 20261121-0345 --json', 'All that has happened and happens, for a program'],
])}

It shows what slipway run would show if it had never been left: what has been so
far, of a long past the last part, and what happens from now on.
${keysText} So does a terminal that is closed.
Where the run's agent has ended early, another one takes the run over.

Exit codes: those of slipway run, which the run ends with; 64 no such run;
130 or 143 stopped on request; 131 left with Ctrl-\\; 75 some values are still
on their way.`;

/** `slipway attach RUN`: watches a run again. */
export function attachCommand(context: CommandContext, done: Done): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'attach <run>',
    describe: 'Watch a run of this machine again, to its end',
    builder: (arguments_) =>
      withOutputOptions(
        withStorageOption(
          arguments_.positional('run', {
            type: 'string',
            demandOption: true,
            describe: 'The run: its id, its id in MLflow, the start of either, or its name',
          }),
        ),
        { json: 'events' },
      ).epilogue(epilogue),
    async handler(given) {
      const [{ attachRun }, { openReporter }] = await Promise.all([
        import('../launch/index.ts'),
        import('./reporter.ts'),
      ]);
      const reporter = openReporter(given, environment());
      try {
        await untilLeft(async (leave) => {
          tellKeys(reporter.sink);
          const result = await attachRun(String(given.run), {
            ...context,
            leave,
            sink: reporter.sink,
            environment: environment(),
            storage: given.storage === undefined ? null : String(given.storage),
            isPastCut: !wantsJson(given, environment()),
            debug: chooseVerbosity(given, environment()) === 'debug',
          });
          done(result.exitStatus);
        }, done);
      } finally {
        reporter.close();
      }
    },
  };
}
