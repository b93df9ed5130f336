import type { ParameterDeclaration } from './project.ts';

/** What is wrong with a value: a clause that continues `Parameter epochs `, or null where it is right. */
export function valueProblem(declaration: ParameterDeclaration, value: string): string | null {
  const { choices } = declaration;
  if (choices !== null && !choices.includes(value)) {
    return `is "${value}", but must be one of ${choices.join(', ')}`;
  }
  switch (declaration.type) {
    case 'int':
      if (!/^[+-]?\d+$/.test(value)) return `is "${value}", but must be a whole number${suffix(declaration)}`;
      return boundsProblem(declaration, value);
    case 'float':
      if (!isFloat(value)) return `is "${value}", but must be a number${suffix(declaration)}`;
      return boundsProblem(declaration, value);
    case 'bool':
      return /^(true|false|1|0)$/i.test(value) ? null : `is "${value}", but must be true or false`;
    case 'uri':
      return /^[a-z][a-z0-9+.-]*:/i.test(value) || isStoragePath(value)
        ? null
        : `is "${value}", but must be a URI with a scheme, such as https://`;
    case 'path':
      return value === '' ? 'is empty, but must be a path' : null;
    case 'string':
      return null;
  }
}

/** True for a path of the storage, which is /storage inside every container. */
export function isStoragePath(value: string): boolean {
  return value === '/storage' || value.startsWith('/storage/');
}

function isFloat(value: string): boolean {
  return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(value) || /^[+-]?(inf|infinity|nan)$/i.test(value);
}

function boundsProblem({ min, max }: ParameterDeclaration, value: string): string | null {
  const text = value.replace(/^([+-]?)inf(inity)?$/i, '$1Infinity');
  const number = Number(text);
  // Not a number is neither below nor above a bound, so it is compared the other way round.
  const inside = (min === null || number >= min) && (max === null || number <= max);
  return inside ? null : `is ${value}, but must be ${range({ min, max })}`;
}

/** `from 1 to 10`, `at least 1`, `at most 10`, or nothing. */
function range({ min, max }: Pick<ParameterDeclaration, 'min' | 'max'>): string {
  if (min !== null && max !== null) return `from ${min} to ${max}`;
  if (min !== null) return `at least ${min}`;
  return max === null ? '' : `at most ${max}`;
}

function suffix(declaration: ParameterDeclaration): string {
  const bounds = range(declaration);
  return bounds === '' ? '' : `, ${bounds}`;
}
