import { UsageError } from '../errors.ts';
import type { ParameterDeclaration, ParameterType } from './project.ts';
import type { ParameterEntry } from './schema.ts';

/** Types as MLproject files spell them; `mlflow run` gives a meaning only to path and uri. */
const types: Readonly<Record<string, ParameterType>> = {
  float: 'float',
  double: 'float',
  number: 'float',
  int: 'int',
  integer: 'int',
  string: 'string',
  str: 'string',
  bool: 'bool',
  boolean: 'bool',
  path: 'path',
  uri: 'uri',
};

/**
 * A parameter of the file as a declaration.
 * @param where File, line and column, for the messages.
 * @throws UsageError for bounds that no value can satisfy.
 */
export function toDeclaration(
  name: string,
  entry: string | null | ParameterEntry,
  where: string,
  warnings: string[],
): ParameterDeclaration {
  const declaration: ParameterEntry = typeof entry === 'object' ? (entry ?? {}) : { type: entry };
  const written = declaration.type ?? 'string';
  const type = types[written.toLowerCase()];
  if (type === undefined) {
    warnings.push(`The type ${written} of parameter ${name} is unknown, so its values are not checked.`);
  }
  const min = declaration.min ?? null;
  const max = declaration.max ?? null;
  if ((min !== null || max !== null) && type !== 'int' && type !== 'float') {
    throw new UsageError(`${where}: parameter ${name} is no int or float, so it can have neither min nor max.`);
  }
  if (min !== null && max !== null && min > max) {
    throw new UsageError(`${where}: parameter ${name} has a min of ${min} above its max of ${max}.`);
  }
  return {
    name,
    type: type ?? 'string',
    default: declaration.default ?? null,
    description: declaration.description ?? null,
    min,
    max,
    choices: declaration.choices ?? null,
  };
}
