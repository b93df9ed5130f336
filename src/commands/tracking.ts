import type { CommandModule } from 'yargs';
import { environment } from '../config.ts';
import type { CommandContext, Done } from './context.ts';
import { examplesText } from './help-text.ts';
import { withOutputOptions } from './output-options.ts';

const epilogue = `${examplesText([
  ['slipway tracking up', 'Start it, and print its address'],
  ['slipway tracking status', 'Whether it runs, and where'],
  ['slipway tracking down', 'Stop it; its data stay'],
])}

Exit codes: 0; 1 status, and none runs; 64 wrong usage; 69 it cannot be started;
73 its folder cannot be written.`;

/** `slipway tracking up|down|status`: the tracking server that comes with Slipway. */
export function trackingCommand(context: CommandContext, done: Done): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'tracking <action>',
    describe: 'Start, stop or show the tracking server that comes with Slipway',
    builder: (arguments_) =>
      withOutputOptions(
        arguments_
          .positional('action', {
            describe: 'What to do with it',
            choices: ['up', 'down', 'status'] as const,
            demandOption: true,
          })
          .option('storage', {
            type: 'string',
            describe: 'Storage folder that holds its data, where it is not the default one',
          })
          .option('engine', {
            choices: ['auto', 'docker', 'host'] as const,
            default: 'auto' as const,
            describe: 'Run it in Docker, or from a Python environment on the host',
          })
          .group(['storage', 'engine'], 'Where to run it:'),
      ).epilogue(epilogue),
    async handler(given) {
      const { trackingAction } = await import('./tracking-action.ts');
      done(await trackingAction(given, environment(), context.politeStop));
    },
  };
}
