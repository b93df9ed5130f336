import type { Argv } from 'yargs';
import { UsageError } from '../errors.ts';
import type { Verbosity } from '../util/verbosity.ts';

type Given = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string | undefined>>;

const levels = ['quiet', 'verbose', 'debug'] as const;

/** What every verb can be asked about how much it says. */
export function withVerbosityOptions<Arguments>(arguments_: Argv<Arguments>): Argv<Arguments> {
  return arguments_
    .option('quiet', { type: 'boolean', describe: 'Only warnings, errors and the result', global: true })
    .option('verbose', {
      type: 'boolean',
      describe: 'Also what is usually left out: each line of a build, how the container is made, retries',
      global: true,
    })
    .option('debug', {
      type: 'boolean',
      describe: 'Also stack traces and every HTTP request, without secrets',
      global: true,
    });
}

/**
 * How much the person wants to see: the option that was given, else the variable that is set, else `normal`.
 * Throws UsageError where two of them are asked for at once.
 */
export function chooseVerbosity(given: Given, environment: Environment): Verbosity {
  const options = levels.filter((level) => given[level] === true);
  const variables = levels.filter((level) => given[level] === undefined && flag(level, environment));
  const [chosen, other] = options.length > 0 ? options : variables;
  if (chosen !== undefined && other !== undefined) {
    const name = options.length > 0 ? (level: string) => `--${level}` : variableOfFlag;
    throw new UsageError(`${name(chosen)} and ${name(other)} exclude each other.`, { hint: 'Give one of them.' });
  }
  return chosen ?? 'normal';
}

/** An option that is on or off: as given, else as its variable says. Throws UsageError for one that says neither. */
export function isOn(option: string, given: Given, environment: Environment): boolean {
  return typeof given[option] === 'boolean' ? given[option] : flag(option, environment);
}

/** For an error that comes before the options are read: whether its stack is wanted. */
export function wantsStack(words: readonly string[], environment: Environment): boolean {
  return words.includes('--debug') || /^(1|true)$/i.test(environment.SLIPWAY_DEBUG ?? '');
}

function flag(option: string, environment: Environment): boolean {
  const name = variableOfFlag(option);
  const text = environment[name]?.trim().toLowerCase() ?? '';
  if (text === '' || text === '0' || text === 'false') return false;
  if (text === '1' || text === 'true') return true;
  throw new UsageError(`${name} is "${environment[name]}"; it must be 1 or 0.`);
}

function variableOfFlag(option: string): string {
  return `SLIPWAY_${option.toUpperCase()}`;
}
