import { realpathSync } from 'node:fs';
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
 * True for the command of Slipway's own MLproject: the same trainer, called as a program of the project. What it takes is
 * declared there, so that it only has to be asked whether the values go together.
 */
export function isOwnTrainerCommand(command: string, projectDirectory: string): boolean {
  return ownCommand.test(command) && realpathSync(projectDirectory) === realpathSync(packageRoot());
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
