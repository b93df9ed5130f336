import type { CommandModule } from 'yargs';
import { environment } from '../config.ts';
import type { CommandContext, Done } from './context.ts';
import { examplesText } from './help-text.ts';
import { withOutputOptions } from './output-options.ts';
import { withRunNames } from './run-names.ts';
import { withStorageOption } from './storage-option.ts';

const epilogue = `${examplesText([
  ['slipway stop swift-heron-417', 'It may end by itself first, within its own grace'],
  ['slipway stop --timeout 120 20261121-0345', 'It has two minutes for that'],
  ['slipway stop --force swift-heron-417 bold-otter-88', 'Both at once, by SIGKILL'],
])}

The runs end as KILLED. One that is over stays as it is.

Exit codes: 0 all are over; 1 one has not ended; 64 no such run, or another
user's; 130 the waiting was ended, and the stop goes on.`;

/** `slipway stop RUN...`: stops runs of this user. */
export function stopCommand(context: CommandContext, done: Done): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'stop <runs...>',
    describe: 'Stop runs, and wait until they have ended',
    builder: (arguments_) =>
      withOutputOptions(
        withStorageOption(
          withRunNames(arguments_)
            .option('timeout', {
              type: 'number',
              describe: 'Seconds to end by itself, before force',
              defaultDescription: 'as it was launched',
            })
            .option('force', { type: 'boolean', describe: 'By force at once' })
            .conflicts('timeout', 'force')
            .group(['timeout', 'force'], 'How:'),
        ),
      ).epilogue(epilogue),
    async handler(given) {
      const { stopAction } = await import('./stop-action.ts');
      done(await stopAction(given, environment(), context.politeStop));
    },
  };
}
