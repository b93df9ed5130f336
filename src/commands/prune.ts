import type { CommandModule } from 'yargs';
import { environment } from '../config.ts';
import type { CommandContext, Done } from './context.ts';
import { examplesText } from './help-text.ts';
import { withOutputOptions } from './output-options.ts';
import { withStorageOption } from './storage-option.ts';

const epilogue = `${examplesText([
  ['slipway prune --dry-run', 'What would go, and how much disk that frees'],
  ['slipway prune --runs --older-than 90d --keep 5', 'Old run folders; the last 5 of each experiment stay'],
  ['slipway prune --images --yes', 'Images of yours that nothing uses, unasked'],
])}

Only what is yours goes, by its label or its folder: no run that is at work or
not wholly on its server, no image that a kept run or a container uses. What
the tracking server has stays there.

Exit codes: 0; 1 something could not be removed; 64 wrong usage, or nobody to
ask and no --yes; 69 no Docker engine, where that is asked for.`;

/** `slipway prune`: frees the disk of what ended runs have left on this machine. */
export function pruneCommand(context: CommandContext, done: Done): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'prune',
    describe: 'Free the disk of what old runs have left here',
    builder: (arguments_) =>
      withOutputOptions(
        withStorageOption(
          arguments_
            .option('runs', { type: 'boolean', describe: 'Folders of runs that are over and sent' })
            .option('containers', { type: 'boolean', describe: 'Containers of runs that are over' })
            .option('images', { type: 'boolean', describe: 'Images that no kept run and no container uses' })
            .option('cache', { type: 'boolean', describe: 'Cloned projects and computed features' })
            .group(['runs', 'containers', 'images', 'cache'], 'What (runs, containers and images if none is named):')
            .option('older-than', { type: 'string', default: '30d', describe: 'Not used for so long: 12h, 30d, 8w' })
            .option('keep', { type: 'number', default: 0, describe: 'Newest runs of each experiment that stay' })
            .option('dry-run', { type: 'boolean', describe: 'Show what would go, and no more' })
            .option('yes', { alias: 'y', type: 'boolean', describe: 'Do not ask' })
            .group(['older-than', 'keep', 'dry-run', 'yes'], 'How:'),
        ),
      ).epilogue(epilogue),
    async handler(given) {
      const { pruneAction } = await import('./prune-action.ts');
      done(await pruneAction(given, environment(), context.politeStop));
    },
  };
}
