import type { CommandModule } from 'yargs';
import { environment } from '../config.ts';
import type { CommandContext, Done } from './context.ts';
import { examplesText } from './help-text.ts';
import { withOutputOptions } from './output-options.ts';
import { withStorageOption } from './storage-option.ts';

const epilogue = `${examplesText([
  ['slipway sync swift-heron-417', 'Bring a run that was recorded offline to its server'],
  ['slipway sync 20261121-0345 20261121-0412', 'Two of them, by the start of their ids'],
  ['slipway sync --all', 'All of yours on this machine that a server does not have'],
  ['MLFLOW_TRACKING_URI=http://mlflow.example:5000 slipway sync --all', "To your team's server"],
])}

A run goes to the server of MLFLOW_TRACKING_URI, else to the one it was launched
for, else to the one that comes with Slipway. One that a server has already, or
may have, goes on there. Everything is sent exactly once, however often this is
called or interrupted.

Exit codes: 0 the servers have all of these runs, or all that those which still
run have written so far; 64 no such run; 69 a server is away, or refuses a run;
70 a defect of Slipway; 130 or 143 the waiting was ended, and the sending goes on.`;

/** `slipway sync [RUN...]`: brings runs to their servers, with all that they wrote. */
export function syncCommand(context: CommandContext, done: Done): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'sync [run..]',
    describe: 'Bring runs to their tracking server, with all that they wrote',
    builder: (arguments_) =>
      withOutputOptions(
        withStorageOption(
          arguments_
            .positional('run', {
              type: 'string',
              array: true,
              defaultDescription: 'none',
              describe: 'A run: its id, its id in MLflow, the start of either, or its name',
            })
            .option('all', { type: 'boolean', describe: 'Every run of yours here that no server wholly has' })
            .group(['all'], 'Which runs:'),
        ),
      ).epilogue(epilogue),
    async handler(given) {
      const { syncAction } = await import('./sync-action.ts');
      done(await syncAction(given, environment(), context.politeStop));
    },
  };
}
