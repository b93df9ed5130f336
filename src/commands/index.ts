import type { CommandModule } from 'yargs';
import { UsageError } from '../errors.ts';
import { packageVersion } from '../util/package-root.ts';
import { agentCommand } from './agent.ts';
import { attachCommand } from './attach.ts';
import type { CommandContext, Done } from './context.ts';
import { doctorCommand } from './doctor.ts';
import { type Example, examplesText } from './help-text.ts';
import { initCommand } from './init.ts';
import { runCommand } from './run.ts';
import { syncCommand } from './sync.ts';
import { trackingCommand } from './tracking.ts';

const examples: readonly Example[] = [
  ['slipway run .', 'Launch the project in this folder'],
  ['slipway attach swift-heron-417', 'Watch a run again whose terminal was closed'],
];

type VerbCommand = (context: CommandContext, done: Done) => CommandModule<object, Record<string, unknown>>;

/** Verbs for people, in the order of the help. A new one is one file and one line here. */
const verbs: Readonly<Record<string, VerbCommand>> = {
  init: initCommand,
  run: runCommand,
  attach: attachCommand,
  sync: syncCommand,
  tracking: trackingCommand,
  doctor: doctorCommand,
};

export interface CommandLine {
  /** Runs one command; resolves with the exit code. Throws SlipwayError. */
  run(words: readonly string[]): Promise<number>;
}

/** The verbs and their options. Each verb's own work is imported only when it is called: help must come at once. */
export function createCommandLine(context: CommandContext): CommandLine {
  return {
    async run(words) {
      const [verb, argument] = words;
      // An agent is started by a launcher, which knows what to say: a run need not wait for the parser to load.
      if (verb === 'agent' && words.length === 2 && argument !== undefined && argument !== '--help') {
        return agentCommand(argument);
      }
      const { default: yargs } = await import('yargs');
      let exitCode = 0;
      const done = (code: number): void => {
        exitCode = code;
      };
      const commandLine = yargs(words as string[])
        .scriptName('slipway')
        .usage(
          '$0 <command>\n\nLaunches machine-learning experiments: trains in Docker, records everything in MLflow.',
        );
      for (const command of Object.values(verbs)) commandLine.command(command(context, done));
      await commandLine
        .demandCommand(1, 'Say what to do: a command is missing.')
        .strict()
        .recommendCommands()
        .parserConfiguration({ 'camel-case-expansion': false })
        .option('debug', { type: 'boolean', describe: 'Show stack traces of errors', global: true })
        .help()
        .alias('help', 'h')
        .version(packageVersion())
        .epilogue(`${examplesText(examples)}\n\nslipway run --help tells all about runs.`)
        .wrap(Math.min(process.stdout.columns || 100, 110))
        .exitProcess(false)
        .fail((message, error) => {
          if (error) throw error;
          throw misuse(words[0] ?? '', message);
        })
        .parseAsync();
      return exitCode;
    },
  };
}

/** What yargs found wrong with the words, with the help that tells how it is right. */
function misuse(first: string, message: string): UsageError {
  const problem = message.split('\n').filter(Boolean).join(' ');
  if (Object.hasOwn(verbs, first)) return new UsageError(problem, { hint: `slipway ${first} --help` });
  // For a word that is near a verb yargs says only which.
  const unknown = problem.startsWith('Did you mean') ? `There is no command ${first}. ` : '';
  return new UsageError(`${unknown}${problem}`, { hint: 'slipway --help' });
}
