import { z } from 'zod';
import { splitWords } from '../util/split-words.ts';
import { type AskOptions, askTrainer } from './ask-trainer.ts';
import { trainerCommand } from './names.ts';

const answerSchema = z.record(z.string(), z.union([z.number(), z.boolean(), z.string()]));

/** One command without anything that only a shell understands: bare words, and words in plain quotes. */
const plainCommand = /^(?:[\w@%+=:,./ \t-]|'[^']*'|"[^"\\$`]*")+$/;

/** True for an entry point whose command is the trainer: it says itself which parameters it takes. */
export function isTrainerCommand(command: string): boolean {
  return command.trimStart().split(/\s/, 1)[0] === trainerCommand;
}

/**
 * Has the trainer check what a command gives it, configuration file included, and returns every parameter that it
 * would train with, as text. Empty where the command needs a shell to be read: the trainer then checks when it starts.
 * Throws UsageError in the trainer's own words.
 */
export async function checkTrainerCommand(
  command: string,
  options: AskOptions,
): Promise<Readonly<Record<string, string>>> {
  if (!plainCommand.test(command.trim())) return {};
  const [, ...trainerArguments] = splitWords(command);
  const answer = answerSchema.parse(JSON.parse(await askTrainer([...trainerArguments, '--check'], options)));
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, String(value)]));
}
