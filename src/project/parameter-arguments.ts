import { UsageError } from '../errors.ts';

/**
 * `-P name=value` arguments as a record. Only the first `=` parts them, so a value may hold more.
 * @throws UsageError for one without `=` or without a name, and for a name given twice.
 */
export function parseParameterArguments(parameterArguments: readonly string[]): Record<string, string> {
  // No prototype: `-P constructor=x` is a parameter like any other.
  const parameters: Record<string, string> = Object.create(null);
  for (const argument of parameterArguments) {
    const equals = argument.indexOf('=');
    const name = argument.slice(0, Math.max(0, equals)).trim();
    if (name === '') {
      throw new UsageError(`The parameter "${argument}" is not of the form name=value.`, {
        hint: 'As in: `-P epochs=3`',
      });
    }
    if (name in parameters) {
      throw new UsageError(
        `The parameter ${name} is given twice: "${parameters[name]}" and "${argument.slice(equals + 1)}".`,
        { hint: 'Give it once.' },
      );
    }
    parameters[name] = argument.slice(equals + 1);
  }
  return { ...parameters };
}
