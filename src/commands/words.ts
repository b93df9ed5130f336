import type { Argv } from 'yargs';
import { UsageError } from '../errors.ts';
import type { VerbWords } from './misuse.ts';

/** What yargs knows of the options; it has no type for it. */
interface KnownOptions {
  readonly key: Readonly<Record<string, unknown>>;
  readonly array: readonly string[];
  readonly boolean: readonly string[];
}

function knownOptions(parser: Argv | object): KnownOptions {
  return (parser as { getOptions(): KnownOptions }).getOptions();
}

/** The parts of yargs that say where in the command line it was; it has no types for them. */
interface ParserParts {
  getInternalMethods(): {
    getUsageInstance(): { getUsage(): readonly (readonly [usage: string, describe: string])[] };
    getCommandInstance(): { getCommands(): readonly string[] };
  };
}

/** What a verb takes, for the sentence that says which of the words was wrong. */
export function wordsOfVerb(words: readonly string[], parser: Argv | object): VerbWords {
  const parts = (parser as ParserParts).getInternalMethods();
  const [usage = ''] = parts.getUsageInstance().getUsage()[0] ?? [];
  const positionals = [...usage.matchAll(/[<[](\w+)(?:\.+)?[\]>]/g)].map(([, name]) => name!);
  const verb = usage.replace(/^\S+ /, '').replace(/ ?[<[].*$/, '');
  const actions = parts.getCommandInstance().getCommands();
  const options = Object.keys(knownOptions(parser).key).filter((name) => !positionals.includes(name));
  return { verb, words, options, positionals, actions };
}

/**
 * Takes an option that is given twice, or without its value, for what it is: a slip, which must not become a list of both
 * values, or an empty one. One that is on or off may be repeated; lists may as well. Throws UsageError.
 */
export function checkValues(given: Record<string, unknown>, words: readonly string[], parser: Argv | object): void {
  const { array, boolean } = knownOptions(parser);
  for (const [name, value] of Object.entries(given)) {
    if (value === '' && lacksValue(`--${name}`, words)) {
      throw new UsageError(`The option --${name} needs a value.`, { hint: `An empty one is given as: \`--${name}=\`` });
    }
    if (!Array.isArray(value) || name === '_' || name === '--' || array.includes(name)) continue;
    if (boolean.includes(name)) given[name] = value.at(-1);
    else
      throw new UsageError(`--${name} is given ${value.length} times: ${value.join(', ')}.`, { hint: 'Give it once.' });
  }
}

/** Whether nothing stands where the value of an option should. */
function lacksValue(option: string, words: readonly string[]): boolean {
  const index = words.lastIndexOf(option);
  return index >= 0 && (words[index + 1] === undefined || words[index + 1]!.startsWith('-'));
}
