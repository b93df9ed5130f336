import type { CommandModule } from 'yargs';
import type { Done } from './context.ts';

/** `slipway agent RUN_DIRECTORY`: started by the launcher, not by people, and so not in the help. */
export function agentCommand(done: Done): CommandModule<object, { directory: string }> {
  return {
    command: 'agent <directory>',
    describe: false,
    builder: (arguments_) => arguments_.positional('directory', { type: 'string', demandOption: true }),
    async handler({ directory }) {
      const { agentExitHeld, runAgent } = await import('../agent/index.ts');
      done((await runAgent(directory)) ? 0 : agentExitHeld);
    },
  };
}
