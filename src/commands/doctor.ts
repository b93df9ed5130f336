import type { CommandModule } from 'yargs';
import { environment } from '../config.ts';
import type { CommandContext, Done } from './context.ts';
import { examplesText } from './help-text.ts';
import { withOutputOptions } from './output-options.ts';

const epilogue = `${examplesText([
  ['slipway doctor', 'Look at everything a run of the project in this folder needs'],
  ['slipway doctor --gpus all', 'The same for a run on the GPUs'],
  ['MLFLOW_TRACKING_URI=http://mlflow.example:5000 slipway doctor', "Look at your team's server, too"],
  ['slipway doctor --fix', 'Mend what can be mended safely, after asking'],
])}

SLIPWAY_ENGINE, SLIPWAY_GPUS, SLIPWAY_STORAGE and SLIPWAY_BASE_IMAGE count as for slipway run,
and so do MLFLOW_TRACKING_URI and the login beside it.

Exit codes: 0 nothing is broken; 1 something is; 64 wrong usage.`;

/** `slipway doctor [project]`: looks at everything a run needs and says how to mend what is broken. */
export function doctorCommand(context: CommandContext, done: Done): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'doctor [project]',
    describe: 'Look at everything a run needs, and say how to mend what is broken',
    builder: (arguments_) =>
      withOutputOptions(
        arguments_
          .positional('project', { type: 'string', describe: 'Folder of the project', defaultDescription: '.' })
          .option('storage', {
            type: 'string',
            describe: 'Folder for data and runs',
            defaultDescription: '/storage if it can be written, else storage',
          })
          .option('engine', {
            alias: 'b',
            choices: ['auto', 'docker', 'host'] as const,
            describe: 'Where a run is to execute',
            defaultDescription: 'auto',
          })
          .option('gpus', {
            type: 'string',
            describe: 'GPUs a run is to train on: all, a number, or device=0,1',
            defaultDescription: 'none',
          })
          .option('fix', { type: 'boolean', default: false, describe: 'Run the commands that mend things safely' })
          .option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'With --fix: do not ask' })
          .group(['storage', 'engine', 'gpus'], 'What to look at:')
          .group(['fix', 'yes'], 'What to do about it:'),
      ).epilogue(epilogue) as never,
    async handler(given) {
      const { doctorAction } = await import('./doctor-action.ts');
      done(await doctorAction(given, environment(), context.politeStop));
    },
  };
}
