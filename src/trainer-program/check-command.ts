import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../util/package-root.ts';
import { type AskOptions, askTrainer } from './ask-trainer.ts';
import { plainWords } from './command-options.ts';
import { trainerCommand } from './names.ts';

const answerSchema = z.record(z.string(), z.union([z.number(), z.boolean(), z.string()]));

/** The trainer as Slipway's own MLproject calls it. */
const ownCommand = /^\s*node\s+bin\/train(?:\s|$)/;

/** True for an entry point whose command is the trainer: it says itself which parameters it takes. */
export function isTrainerCommand(command: string): boolean {
  return command.trimStart().split(/\s/, 1)[0] === trainerCommand;
}

/**
 * True for the command of Slipway's own MLproject, in this clone or in another one: the trainer, called as a program of
 * the project. Its parameters are declared there; settings and a configuration file it takes besides.
 */
export function isOwnTrainerCommand(command: string, projectDirectory: string): boolean {
  return ownCommand.test(command) && isSlipway(projectDirectory);
}

/** Whether the trainer of a command is the one that can be asked here: another clone may have changed its own. */
export function isTrainerHere(command: string, projectDirectory: string): boolean {
  return isTrainerCommand(command) || realpathSync(projectDirectory) === realpathSync(packageRoot());
}

function isSlipway(directory: string): boolean {
  return [join('bin', trainerCommand), join('trainer', 'main.ts')].every((file) => existsSync(join(directory, file)));
}

/**
 * Has the trainer check what a command gives it, configuration file included, and returns every parameter that it
 * would train with, as text. Empty where the command needs a shell to be read: the trainer then checks when it starts.
 * Throws UsageError in the trainer's own words.
 * @param options.runsCode False where a project's own classes are found and not run: they are for a container.
 */
export async function checkTrainerCommand(
  command: string,
  options: AskOptions & { readonly runsCode?: boolean },
): Promise<Readonly<Record<string, string>>> {
  const words = plainWords(command);
  if (words === null) return {};
  const trainerArguments = words.slice(ownCommand.test(command) ? 2 : 1);
  const question = [...trainerArguments, '--check', ...(options.runsCode === false ? ['--keep-code-unread'] : [])];
  const answer = answerSchema.parse(JSON.parse(await askTrainer(question, options)));
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, String(value)]));
}
