import { parseArgs } from 'node:util';
import { UsageError } from '../src/errors.ts';
import { closest } from '../src/util/closest.ts';
import {
  type ParameterDescription,
  type ParameterName,
  type Parameters,
  parameterDescriptions,
  parameterNames,
} from './parameters.ts';

/** What the command line asks for. */
export type Request =
  | { readonly kind: 'help' }
  | { readonly kind: 'describe' }
  | { readonly kind: 'train'; readonly parameters: Parameters };

const booleanWords: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };

function parseNumber(name: string, text: string, description: ParameterDescription): number {
  const integer = description.type === 'integer';
  const value = Number(text);
  // Number('') is 0 and Number('0x10') is 16: only plain decimal notation is a number here.
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) || (integer && !Number.isSafeInteger(value))) {
    throw new UsageError(`Parameter ${name} is '${text}', which is not ${integer ? 'a whole number' : 'a number'}.`);
  }
  const { minimum, maximum } = description;
  if ((minimum !== undefined && value < minimum) || (maximum !== undefined && value > maximum)) {
    throw new UsageError(`Parameter ${name} is ${text}, but must be from ${minimum} to ${maximum}.`);
  }
  return value;
}

function parseValue(name: ParameterName, text: string): number | boolean | string {
  const description: ParameterDescription = parameterDescriptions[name];
  if (description.type === 'integer' || description.type === 'number') return parseNumber(name, text, description);
  if (description.type === 'boolean') {
    const value = booleanWords[text.toLowerCase()];
    if (value === undefined) throw new UsageError(`Parameter ${name} is '${text}', which is neither true nor false.`);
    return value;
  }
  if (description.choices !== undefined && !description.choices.includes(text)) {
    throw new UsageError(`Parameter ${name} is '${text}', but must be one of ${description.choices.join(', ')}.`);
  }
  return text;
}

function unknownParameter(name: string): UsageError {
  const nearest = closest(name, parameterNames);
  const hint = nearest === undefined ? 'See --help for all of them.' : `Did you mean ${nearest}?`;
  return new UsageError(`There is no parameter named ${name}.`, { hint });
}

/**
 * Reads `--name value` and `--name=value`; names may be written with dashes or underscores.
 * Throws UsageError for an unknown name, a missing value, a wrong type or bound.
 */
export function parseArguments(argv: readonly string[]): Request {
  // parseArgs would take the dash of `--learning-rate -1` for an option and hide the better message about the bound.
  const joined: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] as string;
    const next = argv[index + 1];
    if (argument.startsWith('--') && !argument.includes('=') && next !== undefined && !next.startsWith('--')) {
      joined.push(`${argument}=${next}`);
      index += 1;
    } else joined.push(argument);
  }
  const { tokens } = parseArgs({ args: joined, strict: false, tokens: true });
  const values: Record<string, number | boolean | string> = {};
  for (const name of parameterNames) values[name] = parameterDescriptions[name].default;
  for (const token of tokens) {
    if (token.kind !== 'option') {
      const text = token.kind === 'positional' ? token.value : '--';
      throw new UsageError(`'${text}' is not a parameter: parameters are written --name value.`);
    }
    if (token.name === 'help' || token.name === 'h') return { kind: 'help' };
    if (token.name === 'describe') return { kind: 'describe' };
    const name = token.name.replaceAll('-', '_');
    if (!Object.hasOwn(parameterDescriptions, name)) throw unknownParameter(name);
    if (token.value === undefined) throw new UsageError(`Parameter ${name} has no value.`);
    values[name] = parseValue(name as ParameterName, token.value);
  }
  return { kind: 'train', parameters: values as Parameters };
}
