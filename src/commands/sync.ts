import type { CommandModule } from 'yargs';
import type { CommandContext, Done } from './context.ts';
import { watchAgainCommand } from './watch-again.ts';

/** `slipway sync RUN`: carries to the server what a run has written and the server does not have. */
export function syncCommand(context: CommandContext, done: Done): CommandModule<object, Record<string, unknown>> {
  const verb = {
    verb: 'sync',
    describe: 'Carry a run that was recorded without a server, or not fully sent, to the server',
    examples: [['MLFLOW_TRACKING_URI=http://mlflow.example:5000 $0 sync swift-heron-417', "To the team's server"]],
  } as const;
  return watchAgainCommand(verb, context, done);
}
