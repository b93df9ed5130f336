import type { Argv, CommandModule } from 'yargs';
import { sendArgument } from '../agent/index.ts';
import { completeWord } from '../completion/index.ts';
import { UsageError } from '../errors.ts';
import { packageVersion } from '../util/package-root.ts';
import { agentCommand } from './agent.ts';
import { attachCommand } from './attach.ts';
import { completionCommand } from './completion.ts';
import type { CommandContext, Done } from './context.ts';
import { doctorCommand } from './doctor.ts';
import { helpColumns } from './help-text.ts';
import { initCommand } from './init.ts';
import { logsCommand } from './logs.ts';
import { misuse, unknownVerb } from './misuse.ts';
import { pruneCommand } from './prune.ts';
import { psCommand } from './ps.ts';
import { rmCommand } from './rm.ts';
import { rootHelp } from './root-help.ts';
import { runCommand } from './run.ts';
import { runsCommand } from './runs.ts';
import { runsShowCommand } from './runs-show.ts';
import { stopCommand } from './stop.ts';
import { superviseCommand } from './supervise.ts';
import { syncCommand } from './sync.ts';
import { trackingCommand } from './tracking.ts';
import { withVerbosityOptions } from './verbosity.ts';
import { checkValues, wordsOfVerb } from './words.ts';

type VerbCommand = (context: CommandContext, done: Done) => CommandModule<object, Record<string, unknown>>;

/** Verbs for people; the help of `slipway` itself puts them into groups. A new one is one file and one line here. */
const verbs: Readonly<Record<string, VerbCommand>> = {
  init: initCommand,
  run: runCommand,
  attach: attachCommand,
  sync: syncCommand,
  ps: psCommand,
  logs: logsCommand,
  stop: stopCommand,
  rm: rmCommand,
  prune: pruneCommand,
  supervise: superviseCommand,
  runs: runsCommand,
  tracking: trackingCommand,
  doctor: doctorCommand,
  completion: completionCommand,
};

export interface CommandLine {
  /** Runs one command; resolves with the exit code. Throws SlipwayError. */
  run(words: readonly string[]): Promise<number>;
}

/** The names of all verbs for people. */
export const verbNames: readonly string[] = Object.keys(verbs);

/** The verbs and their options. Each verb's own work is imported only when it is called: help must come at once. */
export function createCommandLine(context: CommandContext): CommandLine {
  return {
    async run(words) {
      const [first, argument] = words;
      // An agent is started by a launcher, which knows what to say: a run need not wait for the parser to load.
      if (first === 'agent' && words.length <= 3 && argument !== undefined && argument !== '--help') {
        return agentCommand(argument, words.at(-1) === sendArgument);
      }
      if (first === completeWord) {
        const { completeAction } = await import('./complete-action.ts');
        await completeAction(
          words.slice(1),
          modulesOf(context, () => {}),
        );
        return 0;
      }
      let exitCode = 0;
      const done = (code: number): void => {
        exitCode = code;
      };
      const verb = words.find((word) => Object.hasOwn(verbs, word));
      if (verb === undefined) return withoutVerb(words, context, done);
      const asked = first === 'help' ? [...words.slice(1), '--help'] : words;
      await parse(asked, verbs[verb]!(context, done));
      return exitCode;
    },
  };
}

/** Answers what is asked of `slipway` itself. Throws UsageError where nothing is. */
function withoutVerb(words: readonly string[], context: CommandContext, done: Done): number {
  const word = words.find((each) => !each.startsWith('-'));
  if (word !== undefined && word !== 'help') throw unknownVerb(word, verbNames, words.slice(words.indexOf(word) + 1));
  if (word === 'help' || words.includes('--help') || words.includes('-h')) {
    const commands = modulesOf(context, done);
    const show = runsShowCommand(context, done);
    const withActions = { ...commands, 'runs show': { ...show, command: `runs ${String(show.command)}` } };
    process.stdout.write(`${rootHelp(withActions, helpColumns(process.stdout.columns))}\n`);
    return 0;
  }
  if (words.includes('--version')) {
    process.stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  throw new UsageError('Say what to do: a command is missing.', { hint: '`slipway --help`' });
}

function modulesOf(context: CommandContext, done: Done): Record<string, ReturnType<VerbCommand>> {
  return Object.fromEntries(Object.entries(verbs).map(([name, command]) => [name, command(context, done)]));
}

async function parse(words: readonly string[], command: CommandModule<object, Record<string, unknown>>): Promise<void> {
  const { default: yargs } = await import('yargs');
  const parser = withVerbosityOptions(yargs(words as string[]) as Argv);
  await parser
    .scriptName('slipway')
    .locale('en')
    .command(command)
    .strict()
    .parserConfiguration({ 'camel-case-expansion': false })
    .middleware((given) => checkValues(given, words, parser), true)
    .help()
    .alias('help', 'h')
    .version(packageVersion())
    .wrap(helpColumns(process.stdout.columns))
    .exitProcess(false)
    .fail((message, error) => {
      // yargs throws what it finds while it parses, and tells the rest by its message alone.
      if (error && error.name !== 'YError') throw error;
      throw misuse(message, wordsOfVerb(words, parser));
    })
    .parseAsync();
}
