import type { CommandModule } from 'yargs';
import { environment } from '../config.ts';
import type { CommandContext, Done } from './context.ts';
import { examplesText } from './help-text.ts';
import { withOutputOptions } from './output-options.ts';
import { withServerOptions } from './server-options.ts';

const epilogue = `${examplesText([
  ['slipway runs show swift-heron-417', 'By its name'],
  ['slipway runs show c05c2f26', 'By the start of its id in MLflow, as slipway runs lists it'],
  ['slipway runs show 20261121-0345 --json', "By the start of Slipway's id, for a program"],
])}

Exit codes: 0; 64 no such run, or several; 69 no tracking server, and no such
run on this machine.`;

/** `slipway runs show RUN`: all about one run, from the server and from this machine's storage. */
export function runsShowCommand(context: CommandContext, done: Done): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'show <run>',
    describe: 'Show all about one run',
    builder: (arguments_) =>
      withOutputOptions(
        withServerOptions(
          arguments_.positional('run', {
            type: 'string',
            demandOption: true,
            describe: 'The run: its id, its id in MLflow, the start of either, or its name',
          }),
        ),
      ).epilogue(epilogue),
    async handler(given) {
      const { runsShowAction } = await import('./runs-show-action.ts');
      done(await runsShowAction(given, environment(), context.politeStop));
    },
  };
}
