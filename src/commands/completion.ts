import { basename } from 'node:path';
import type { CommandModule } from 'yargs';
import { scripts, shells } from '../completion/index.ts';
import { environment } from '../config.ts';
import { ExitCode, UsageError } from '../errors.ts';
import type { CommandContext, Done } from './context.ts';
import { examplesText } from './help-text.ts';
import { withOutputOptions } from './output-options.ts';

const epilogue = `${examplesText([
  [`echo 'source <(slipway completion bash)' >> ~/.bashrc`, 'In bash, from the next shell on'],
  [`echo 'source <(slipway completion zsh)' >> ~/.zshrc`, 'In zsh'],
  ['slipway completion fish > ~/.config/fish/completions/slipway.fish', 'In fish'],
  ['source <(slipway completion)', 'In this shell, now'],
])}

Commands, their options and the values of these, and the names and ids of the
runs on this machine are completed. A clone's bin/slipway is, too.

Exit codes: 0; 64 a shell that is not known.`;

/** `slipway completion [shell]`: prints what a shell reads to complete the words of slipway. */
export function completionCommand(_: CommandContext, done: Done): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'completion [shell]',
    describe: 'Print what makes a shell complete commands, options and runs',
    builder: (arguments_) =>
      withOutputOptions(
        arguments_.positional('shell', {
          type: 'string',
          choices: shells,
          describe: 'The shell',
          defaultDescription: 'that of SHELL',
        }),
        { json: false },
      ).epilogue(epilogue),
    handler(given) {
      const named = typeof given.shell === 'string' ? given.shell : basename(environment().SHELL ?? '');
      const shell = shells.find((each) => each === named);
      if (shell === undefined) {
        throw new UsageError(`There is no completion for the shell ${named || 'of this process: SHELL is not set'}.`, {
          hint: `Name one of ${shells.join(', ')}, as in: \`slipway completion bash\``,
        });
      }
      process.stdout.write(scripts[shell]);
      done(ExitCode.ok);
    },
  };
}
