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
      ['slipway sync 20261121-0345', 'Watch the rest of a run arrive whose launcher has ended'],
      [
        'MLFLOW_TRACKING_URI=http://mlflow.example:5000 slipway sync swift-heron-417',
        "Send a run that was recorded without a server to your team's",
      ],
    ],
    exitCodes: `Exit codes: those of slipway run, which the run ends with; 64 no such run;
69 not everything is on a server.`,
  } as const;
  return watchAgainCommand(verb, context, done);
}
