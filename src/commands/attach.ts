import type { CommandModule } from 'yargs';
import type { CommandContext, Done } from './context.ts';
import { watchAgainCommand } from './watch-again.ts';

/** `slipway attach RUN`: watches a run again. */
export function attachCommand(context: CommandContext, done: Done): CommandModule<object, Record<string, unknown>> {
  const verb = {
    verb: 'attach',
    describe: 'Watch a run of this machine again, to its end',
    examples: [
      ['slipway attach swift-heron-417', 'By its name'],
      ['slipway attach 20261121-0345', 'By the start of its id'],
    ],
    exitCodes: `Exit codes: those of slipway run, which the run ends with; 64 no such run;
130 or 143 stopped on request; 75 some values are still on their way.`,
  } as const;
  return watchAgainCommand(verb, context, done);
}
