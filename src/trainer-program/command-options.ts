import { splitWords } from '../util/split-words.ts';

/** One command without anything that only a shell understands: bare words, and words in plain quotes. */
const plainCommand = /^(?:[\w@%+=:,./ \t-]|'[^']*'|"[^"\\$`]*")+$/;

/** The words of a command; null where it takes a shell to read it. */
export function plainWords(command: string): readonly string[] | null {
  return plainCommand.test(command.trim()) ? splitWords(command) : null;
}

/** Whether a command of the trainer names a configuration file. */
export function namesConfigFile(command: string): boolean {
  return /\s--config(?:=|\s)/.test(command);
}

/** The configuration file that a command of the trainer names, the last where there are several; null for none. */
export function configFileOf(command: string): string | null {
  const words = plainWords(command) ?? [];
  const named = words.flatMap((word, index) => {
    if (word.startsWith('--config=')) return [word.slice('--config='.length)];
    return word === '--config' ? (words[index + 1] ?? []) : [];
  });
  return named.at(-1) ?? null;
}

/**
 * Which options of the trainer a command fills in from each of these parameters: `--learning-rate {rate}` gives
 * `learning_rate` for rate. Spelled as the trainer spells them.
 * @param template The command as the MLproject has it.
 */
export function trainerOptions(
  template: string,
  parameters: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const options = new Map<string, string[]>();
  for (const [, option = '', , name = ''] of template.matchAll(/--([\w.-]+)(?:=|\s+)(["']?)\{([^{}]*)\}\2/g)) {
    if (!parameters.includes(name) || option === 'config') continue;
    options.set(name, [...(options.get(name) ?? []), option.replaceAll('-', '_')]);
  }
  return options;
}

/** The command, where the values of these options are only defaults of its own: a configuration file wins over them. */
export function withDefaulted(command: string, options: readonly string[]): string {
  return options.length === 0 ? command : `${command} --defaulted ${options.join(',')}`;
}
