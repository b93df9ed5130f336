import type { CommandModule } from 'yargs';
import { environment } from '../config.ts';
import type { CommandContext, Done } from './context.ts';
import { examplesText } from './help-text.ts';
import { withOutputOptions } from './output-options.ts';
import { withStorageOption } from './storage-option.ts';

const epilogue = `${examplesText([
  ['slipway logs swift-heron-417', 'All that its program has written'],
  ['slipway logs -f --tail 20 swift-heron-417', 'The last 20 lines, and what follows, to its end'],
  ['slipway logs --stderr --timestamps 20261121-0345', 'Its standard error, each line with its time'],
  ['slipway logs --agent swift-heron-417', 'What the process that owns the run has done'],
])}

Both streams go to standard output, in the order of their times. Ctrl-C ends
the following, and not the run.

Exit codes: 0; 64 no such run; 130 or 143 the following was ended.`;

/** `slipway logs RUN`: what a run's program has written. */
export function logsCommand(context: CommandContext, done: Done): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'logs <run>',
    describe: "Show what a run's program has written",
    builder: (arguments_) =>
      withOutputOptions(
        withStorageOption(
          arguments_
            .positional('run', {
              type: 'string',
              demandOption: true,
              describe: 'The run: its id, its id in MLflow, the start of either, or its name',
            })
            .option('follow', { alias: 'f', type: 'boolean', describe: 'Show what follows, to the end of the run' })
            .option('tail', { type: 'number', describe: 'The last lines alone', defaultDescription: 'all' })
            .option('stdout', { type: 'boolean', describe: 'Its standard output alone' })
            .option('stderr', { type: 'boolean', describe: 'Its standard error alone' })
            .option('timestamps', { type: 'boolean', describe: 'Each line with its time' })
            .option('agent', { type: 'boolean', describe: 'What its agent has done, in place of the output' })
            .conflicts('stdout', ['stderr', 'agent'])
            .conflicts('stderr', 'agent')
            .group(['follow', 'tail', 'stdout', 'stderr', 'timestamps', 'agent'], 'What to show:'),
        ),
        { json: 'events' },
      ).epilogue(epilogue),
    async handler(given) {
      const { logsAction } = await import('./logs-action.ts');
      done(await logsAction(given, environment(), context.politeStop));
    },
  };
}
