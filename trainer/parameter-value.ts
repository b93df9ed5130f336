import { UsageError } from '../src/errors.ts';
import { closest } from '../src/util/closest.ts';
import { type ParameterDescription, type ParameterName, parameterDescriptions, parameterNames } from './parameters.ts';

/** A parameter's value as the program uses it. */
export type ParameterValue = number | boolean | string;

const booleanWords: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };

export function isParameterName(name: string): name is ParameterName {
  return Object.hasOwn(parameterDescriptions, name);
}

/** The parameter of this name. Throws UsageError that names the nearest one where there is none. */
export function parameterNamed(name: string): ParameterName {
  if (isParameterName(name)) return name;
  const nearest = closest(name, parameterNames);
  const hint = nearest === undefined ? 'See --help for all of them.' : `Did you mean ${nearest}?`;
  throw new UsageError(`There is no parameter named ${name}.`, { hint });
}

/** The value that a text stands for. Throws UsageError where its type or bounds are wrong. */
export function parseValue(name: ParameterName, text: string): ParameterValue {
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
