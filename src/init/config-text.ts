import { stringify } from 'yaml';
import type { TrainerParameter } from '../trainer-program/index.ts';

const head = `# The trainer's parameters. What is given with -P wins over this file, for one run:
#
#   slipway run -P epochs=3
#
# A parameter that does not stand here has its default.
`;

/** A configuration file with every parameter at its default, under what it means and which values it takes. */
export function configText(parameters: Readonly<Record<string, TrainerParameter>>): string {
  const entries = Object.entries(parameters).map(([name, parameter]) => {
    const line = `${name}: ${stringify(parameter.default).trimEnd()}`;
    // An empty text says nothing: the line only shows how one would be written.
    const shown = parameter.default === '' ? `#${line}` : line;
    return `# ${parameter.description}\n# ${valuesOf(parameter)}\n${shown}\n`;
  });
  return [head, ...entries].join('\n');
}

/** Which values a parameter takes, and which it has where none is given. */
function valuesOf({ type, default: fallback, minimum, maximum, enum: choices }: TrainerParameter): string {
  const kinds = { integer: 'A whole number', number: 'A number', boolean: 'True or false', string: 'A text' } as const;
  const kind = choices === undefined ? kinds[type] : `One of ${choices.join(', ')}`;
  const bounds = minimum === undefined ? '' : ` from ${minimum} to ${maximum}`;
  return `${kind}${bounds}; by default ${fallback === '' ? 'empty' : fallback}.`;
}
