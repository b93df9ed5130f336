import { UsageError } from '../errors.ts';
import { didYouMean } from '../util/closest.ts';
import { quoteForShell } from '../util/quote-for-shell.ts';
import type { EntryPoint } from './project.ts';
import { ShellContext } from './shell-context.ts';

/**
 * The entry point's command with its values filled in, each one safe for the place it stands in, and undeclared
 * parameters appended as `--name value`. It is for a POSIX shell inside the container, never for one on the host.
 * Braces follow Python's str.format (https://docs.python.org/3/library/string.html#format-string-syntax) as far as
 * MLproject files use it: `{name}`, `{{` and `}}`.
 * @throws UsageError for a placeholder that names no parameter, and for a brace that stands alone.
 */
export function renderCommand(
  entryPoint: EntryPoint,
  values: Readonly<Record<string, string>>,
  undeclared: readonly string[],
): string {
  const context = new ShellContext();
  let command = '';
  const pieces = entryPoint.command.matchAll(/\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+/g);
  for (const [piece, name] of pieces) {
    if (name !== undefined) {
      command += quoteFor(context, filledIn(entryPoint, values, name), entryPoint, name);
      continue;
    }
    if (piece === '{' || piece === '}') {
      throw new UsageError(`The command of entry point ${entryPoint.name} has a single "${piece}".`, {
        hint: `A brace that is meant as such is written twice: ${piece}${piece}`,
      });
    }
    const literal = piece === '{{' ? '{' : piece === '}}' ? '}' : piece;
    context.read(literal);
    command += literal;
  }
  const appended = undeclared.map((name) => `${quoteForShell(`--${name}`)} ${quoteForShell(values[name]!)}`);
  return [command.trimEnd(), ...appended].join(' ');
}

function filledIn(entryPoint: EntryPoint, values: Readonly<Record<string, string>>, name: string): string {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value !== undefined) return value;
  const declared = entryPoint.parameters.map((parameter) => parameter.name);
  throw new UsageError(
    `The command of entry point ${entryPoint.name} uses {${name}}, which is no parameter of it${didYouMean(name, declared) || '.'}`,
    { hint: 'Declare it under parameters, or write {{ and }} where braces are meant.' },
  );
}

function quoteFor(context: ShellContext, value: string, entryPoint: EntryPoint, name: string): string {
  switch (context.quotes) {
    case 'none':
      return quoteForShell(value);
    case 'single':
      return value.replaceAll("'", `'"'"'`);
    case 'double':
      return value.replace(/[\\"$`]/g, '\\$&');
    case 'backtick':
      throw new UsageError(`The command of entry point ${entryPoint.name} has {${name}} between backticks.`, {
        hint: 'Write $( ) instead of backticks: there a value can be quoted safely.',
      });
  }
}
