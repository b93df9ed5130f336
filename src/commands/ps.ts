import type { CommandModule } from 'yargs';
import { environment } from '../config.ts';
import type { CommandContext, Done } from './context.ts';
import { examplesText } from './help-text.ts';
import { withOutputOptions } from './output-options.ts';
import { withStorageOption } from './storage-option.ts';

const epilogue = `${examplesText([
  ['slipway ps', 'The runs of this machine that are at work or not wholly sent'],
  ['slipway ps --all', 'All whose folder is there, also those that are over'],
  ["slipway ps --json | jq -r '.[] | select(.isOwn) | .runId'", 'The ids of your own'],
])}

A run of yours that lost its process, by a kill or a reboot, is given another
one, and goes on. For what the tracking server remembers: slipway runs

Exit codes: 0; 64 wrong usage.`;

/** `slipway ps`: the runs that live on this machine. */
export function psCommand(context: CommandContext, done: Done): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'ps',
    describe: 'List the runs that live on this machine',
    builder: (arguments_) =>
      withOutputOptions(
        withStorageOption(
          arguments_
            .option('all', { type: 'boolean', describe: 'Also runs that are over, and those of other machines' })
            .group(['all'], 'Which runs:'),
        ),
      ).epilogue(epilogue),
    async handler(given) {
      const { psAction } = await import('./ps-action.ts');
      done(await psAction(given, environment(), context.politeStop));
    },
  };
}
