import type { CommandModule } from 'yargs';
import type { CommandContext, Done } from './context.ts';
import { watchAgainCommand } from './watch-again.ts';

/** `slipway sync RUN`: carries to the server what a run has written and the server does not have. */
export function syncCommand(context: CommandContext, done: Done): CommandModule<object, Record<string, unknown>> {
  const verb = {
    verb: 'sync',
    mustArrive: true,
    describe: 'Send what a run has written and the tracking server does not have',
    examples: [
      [
        'MLFLOW_TRACKING_URI=http://mlflow.example:5000 slipway sync swift-heron-417',
        "Send a run that was recorded without a server to your team's",
      ],
    ],
  } as const;
  return watchAgainCommand(verb, context, done);
}
