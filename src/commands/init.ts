import type { CommandModule } from 'yargs';
import { environment } from '../config.ts';
import { ExitCode } from '../errors.ts';
import type { CommandContext, Done } from './context.ts';
import { examplesText } from './help-text.ts';
import { openLook, withOutputOptions } from './output-options.ts';

const epilogue = `${examplesText([
  ['slipway init cells', 'Make the folder cells, with a project in it'],
  ['slipway init cells --components', 'With a data loader, a network and an evaluator of its own'],
  ['mkdir cells && cd cells && slipway init', 'Make a project in the current, empty folder'],
])}

It writes MLproject, config.yaml, README.md and .gitignore, with --components
also src/ and runs/, and overwrites nothing. A new project is committed to a
git repository of its own. In a repository that is there, nothing is committed
unless --git is given.

Exit codes: 0 it is made; 1 it is made, but not committed, as --git asks;
64 wrong usage, or something is in the way; 73 cannot write.`;

/** `slipway init [name]`: a project that trains with the trainer of Slipway, ready to be launched. */
export function initCommand(context: CommandContext, done: Done): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'init [name]',
    describe: 'Make a project that trains at once',
    builder: (arguments_) =>
      withOutputOptions(
        arguments_
          .positional('name', {
            type: 'string',
            describe: "Folder to make, and the project's name; without it, the current folder, which must be empty",
          })
          .option('git', {
            type: 'boolean',
            describe: 'Commit the project; --no-git to leave git alone',
            defaultDescription: 'outside a repository',
          })
          .option('components', {
            type: 'boolean',
            default: false,
            describe: 'With classes of its own, in TypeScript: data loader, network, evaluator',
          })
          .group(['components', 'git'], 'What it is:'),
      ).epilogue(epilogue),
    async handler(given) {
      const [{ initProject }, { initLines, nextCommands, notCommitted }, { ownCommand }] = await Promise.all([
        import('../init/index.ts'),
        import('./init-answer.ts'),
        import('../util/own-command.ts'),
      ]);
      const workingDirectory = process.cwd();
      const project = await initProject({
        folder: given.name === undefined ? null : String(given.name),
        workingDirectory,
        components: given.components === true,
        git: typeof given.git === 'boolean' ? given.git : null,
        signal: context.politeStop,
      });
      const next = nextCommands(project, workingDirectory, ownCommand(environment(), project.directory));
      const { name, directory, versioning } = project;
      const commit = versioning.kind === 'committed' ? versioning.commit : null;
      const answer =
        given.json === true
          ? [JSON.stringify({ name, directory, files: project.files.map((file) => file.name), commit, next })]
          : initLines(project, next, openLook(given, environment()));
      process.stdout.write(`${answer.join('\n')}\n`);
      if (given.git === true && commit === null) throw notCommitted(project, workingDirectory);
      done(ExitCode.ok);
    },
  };
}
