import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * How the person calls this command line, for a command that is shown to be copied: `slipway` where that is found on
 * the PATH, `npx slipway` where npx started it, else where it lies.
 */
export function ownCommand(environment: Environment, script = process.argv[1] ?? 'slipway'): string {
  if (environment.npm_command === 'exec') return 'npx slipway';
  const own = realOrNull(script);
  const first = (environment.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'slipway'))
    .find(isExecutable);
  return first !== undefined && realOrNull(first) === own ? 'slipway' : (own ?? script);
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
