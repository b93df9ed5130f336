import type { CommandModule } from 'yargs';
import { environment } from '../config.ts';
import type { CommandContext, Done } from './context.ts';
import { examplesText } from './help-text.ts';
import { withOutputOptions } from './output-options.ts';
import { withRunNames } from './run-names.ts';
import { withStorageOption } from './storage-option.ts';

const epilogue = `${examplesText([
  ['slipway rm swift-heron-417', 'The folder of a run that is over, and its container'],
  ['slipway rm --force swift-heron-417', 'Stops it first, and loses what is not on the server'],
])}

What the tracking server has of a run stays there.

Exit codes: 0 all are removed; 64 no such run, another user's, not over, or not
wholly on its server; 69 no Docker engine; 73 a folder cannot be removed.`;

/** `slipway rm RUN...`: removes runs of this user from this machine. */
export function rmCommand(context: CommandContext, done: Done): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'rm <runs...>',
    describe: 'Remove runs from this machine: folder and container',
    builder: (arguments_) =>
      withOutputOptions(
        withStorageOption(
          withRunNames(arguments_)
            .option('force', { type: 'boolean', describe: 'Stop them first, and lose what is not sent' })
            .group(['force'], 'How:'),
        ),
      ).epilogue(epilogue),
    async handler(given) {
      const { rmAction } = await import('./rm-action.ts');
      done(await rmAction(given, environment(), context.politeStop));
    },
  };
}
