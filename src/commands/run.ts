import type { ArgumentsCamelCase, CommandModule } from 'yargs';
import { environment } from '../config.ts';
import type { CommandContext, Done } from './context.ts';
import { withRunOptions } from './run-options.ts';

/** `slipway run [project]`: builds the image, starts the program, and shows the run to its end. */
export function runCommand(context: CommandContext, done: Done): CommandModule<object, { project: string }> {
  return {
    command: 'run [project]',
    describe: 'Launch a run of a project and watch it to its end',
    builder: (arguments_) =>
      withRunOptions(
        arguments_.positional('project', {
          type: 'string',
          default: '.',
          describe: 'Folder with an MLproject',
        }),
      )
        .example('$0 run .', 'Train with the default parameters')
        .example('$0 run . -P epochs=3 -P convolutions=2 --run-name first', 'Choose parameters and a name')
        .example('$0 run . --experiment-name malaria -P data=/storage/cell_images.zip', 'Train on your own data')
        .example('$0 run . --gpus all', 'Train on the GPUs'),
    async handler(given: ArgumentsCamelCase<{ project: string }>) {
      const [{ launch }, { openReporter }, { runRequest }] = await Promise.all([
        import('../launch/index.ts'),
        import('./reporter.ts'),
        import('./run-request.ts'),
      ]);
      const request = runRequest(given, process.argv.slice(2), environment());
      const reporter = openReporter(given, environment());
      try {
        const result = await launch(request, { ...context, sink: reporter.sink, environment: environment() });
        done(result.exitStatus);
      } finally {
        reporter.close();
      }
    },
  };
}
