import type { Argv, CommandModule } from 'yargs';
import { environment } from '../config.ts';
import type { CommandContext, Done } from './context.ts';
import { examplesText } from './help-text.ts';
import { withOutputOptions } from './output-options.ts';
import { runsShowCommand } from './runs-show.ts';
import { withServerOptions } from './server-options.ts';

const epilogue = `${examplesText([
  ['slipway runs', "The last runs of this project's experiment"],
  ['slipway runs --sort val_auc --limit 5', 'The five best by a metric'],
  [`slipway runs --filter "params.epochs = '3'"`, "By MLflow's filter language, or a part of the name"],
  ['slipway runs --experiment malaria', 'Those of another experiment, from anywhere'],
  ['slipway runs show swift-heron-417', 'All about one run'],
])}

The server is the one that MLFLOW_TRACKING_URI names, else the one that comes
with Slipway.

Exit codes: 0; 64 wrong usage; 69 no tracking server.`;

/** `slipway runs`: what the tracking server remembers of an experiment; `slipway runs show RUN`: of one run. */
export function runsCommand(context: CommandContext, done: Done): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'runs',
    describe: "List an experiment's runs as the tracking server remembers them",
    builder: (arguments_) =>
      withOutputOptions(withServerOptions(withListOptions(arguments_)))
        .command(runsShowCommand(context, done))
        .epilogue(epilogue),
    async handler(given) {
      const { runsAction } = await import('./runs-action.ts');
      done(await runsAction(given, environment(), context.politeStop));
    },
  };
}

function withListOptions<Arguments>(arguments_: Argv<Arguments>): Argv<Arguments> {
  return arguments_
    .option('experiment', {
      type: 'string',
      describe: 'Name or id of the experiment',
      defaultDescription: "this project's",
    })
    .option('limit', { type: 'number', default: 20, describe: 'Runs to list at most' })
    .option('sort', { type: 'string', describe: 'A metric: the best run first', defaultDescription: 'newest first' })
    .option('filter', { type: 'string', describe: "MLflow's filter language, or a part of the name" })
    .option('all', { type: 'boolean', describe: 'Deleted runs, too' })
    .option('restore-experiment', { type: 'boolean', describe: 'Bring the experiment back where it was deleted' })
    .group(['experiment', 'limit', 'sort', 'filter', 'all', 'restore-experiment'], 'Which runs:') as Argv<Arguments>;
}
