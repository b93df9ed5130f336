import { statSync } from 'node:fs';
import { extname, relative, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { closest, didYouMean } from '../util/closest.ts';
import { quoteForShell } from '../util/quote-for-shell.ts';
import type { EntryPoint, Project } from './project.ts';

/** What runs a script inside the container. Scripts for bash are run by it where the image has it. */
const interpreters: Readonly<Record<string, string>> = {
  '.py': 'python',
  '.sh': '"$(command -v bash || command -v sh)"',
  '.js': 'node',
  '.mjs': 'node',
  '.cjs': 'node',
  '.ts': 'node',
  '.mts': 'node',
};

/**
 * The entry point of this name, or a script of the project that has this path.
 * @throws UsageError that names the nearest entry point, or all of them.
 */
export function findEntryPoint(project: Project, name: string): EntryPoint {
  if (Object.hasOwn(project.entryPoints, name)) return project.entryPoints[name]!;
  const interpreter = interpreters[extname(name).toLowerCase()];
  if (interpreter !== undefined) return scriptEntryPoint(project, name, interpreter);

  const names = Object.keys(project.entryPoints);
  const suggestion = closest(name, names);
  const known = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
  throw new UsageError(
    `${project.file} has no entry point ${name}; ${suggestion === undefined ? known : `did you mean ${suggestion}?`}`,
    { hint: `An entry point can also be a script of the project: ${Object.keys(interpreters).join(' ')}` },
  );
}

function scriptEntryPoint(project: Project, name: string, interpreter: string): EntryPoint {
  const path = resolve(project.directory, name);
  const below = relative(project.directory, path);
  if (below.startsWith('..')) {
    throw new UsageError(`The entry point ${name} lies outside the project ${project.directory}.`, {
      hint: 'Name an entry point of its MLproject, or a script below that folder.',
    });
  }
  if (!(statSync(path, { throwIfNoEntry: false })?.isFile() ?? false)) {
    const names = Object.keys(project.entryPoints);
    throw new UsageError(
      `Neither an entry point ${name} in ${project.file} nor the file ${path} exists${didYouMean(name, names) || '.'}`,
      { hint: names.length === 0 ? 'The MLproject has no entry points.' : `It has ${names.join(', ')}.` },
    );
  }
  const command = `${interpreter} ${quoteForShell(below)}`.replaceAll('{', '{{').replaceAll('}', '}}');
  return { name, command, parameters: [], isScript: true };
}
