import type { CommandModule } from 'yargs';
import type { Done } from './context.ts';

/** `slipway agent RUN_DIRECTORY`: started by the launcher, not by people, and so not in the help. */
export function agentCommand(done: Done): CommandModule<object, { directory: string }> {
  return {
    command: 'agent <directory>',
    describe: false,
    builder: (arguments_) => arguments_.positional('directory', { type: 'string', demandOption: true }),
    async handler({ directory }) {
      const [{ agentExitHeld }, { runAgent }] = await Promise.all([
        import('../agent/index.ts'),
        // Not by the index: whoever only reaches for an agent needs nothing of what an agent does.
        import('../agent/run-agent.ts'),
      ]);
      done((await runAgent(directory)) ? 0 : agentExitHeld);
    },
  };
}
