import type { CommandModule } from 'yargs';
import { environment } from '../config.ts';
import type { CommandContext, Done } from './context.ts';
import { examplesText } from './help-text.ts';
import { withOutputOptions } from './output-options.ts';
import { withStorageOption } from './storage-option.ts';

/** Seconds between two looks, where nobody says how many. */
const usualIntervalSeconds = 15;

const epilogue = `${examplesText([
  ['slipway supervise', 'Looks after your runs until Ctrl-C'],
  ['slipway supervise --install', 'Does so from now on, as a systemd unit of yours'],
  ['slipway supervise --uninstall', 'No longer'],
])}

A run needs no supervisor: it is for machines that reboot while nobody looks.

Exit codes: 0; 64 wrong usage, or another one is at work; 73 the unit cannot be
written; 130 or 143 it was ended.`;

/** `slipway supervise`: one process that gives all of this user's runs on this machine another agent where they lose theirs. */
export function superviseCommand(context: CommandContext, done: Done): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'supervise',
    describe: 'Look after your runs: whose process is gone gets another one',
    builder: (arguments_) =>
      withOutputOptions(
        withStorageOption(
          arguments_
            .option('interval', {
              type: 'number',
              default: usualIntervalSeconds,
              describe: 'Seconds between two looks',
            })
            .option('install', { type: 'boolean', describe: 'Have systemd start it, now and after each boot' })
            .option('uninstall', { type: 'boolean', describe: 'Stop that, and remove the unit' })
            .conflicts('install', 'uninstall')
            .group(['interval', 'install', 'uninstall'], 'How:'),
        ),
        { json: false },
      ).epilogue(epilogue),
    async handler(given) {
      const { superviseAction } = await import('./supervise-action.ts');
      done(await superviseAction(given, environment(), context.politeStop));
    },
  };
}
