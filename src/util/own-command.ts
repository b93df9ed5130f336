import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, join, relative } from 'node:path';
import { packageRoot } from './package-root.ts';
import { quoteForShell } from './quote-for-shell.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * How the person calls this command line, for a command that is shown to be copied: `npx slipway` where npx started it,
 * `slipway` where that is found on the PATH, else its path, as short as it is from the working folder.
 */
export function ownCommand(environment: Environment, workingDirectory = process.cwd()): string {
  if (environment.npm_command === 'exec') return 'npx slipway';
  const own = realOrNull(join(packageRoot(), 'bin', 'slipway')) ?? 'slipway';
  const first = (environment.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'slipway'))
    .find(isExecutable);
  if (first !== undefined && realOrNull(first) === own) return 'slipway';
  const path = relative(workingDirectory, own);
  if (path.startsWith('..')) return quoteForShell(own);
  return quoteForShell(path.includes('/') ? path : `./${path}`);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function realOrNull(file: string): string | null {
  try {
    return realpathSync(file);
  } catch {
    return null;
  }
}
