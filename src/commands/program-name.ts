import { existsSync, realpathSync } from 'node:fs';
import { delimiter, join, relative } from 'node:path';

/**
 * What to type for this program where the person is: its name where the PATH leads to it, else its path.
 * @param script The program as it was started: `process.argv[1]`.
 */
export function programName(script: string, directory: string, searchPath: string | undefined): string {
  const real = realPath(script);
  const isOnPath = (searchPath ?? '').split(delimiter).some((folder) => {
    const candidate = join(folder, 'slipway');
    return folder !== '' && existsSync(candidate) && realPath(candidate) === real;
  });
  if (isOnPath) return 'slipway';
  const below = relative(directory, script);
  if (below.startsWith('..')) return script;
  return below.includes('/') ? below : `./${below}`;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The text with the commands of it that begin with `slipway` as they must be typed here: those in backticks. */
export function withProgramName(text: string, program: string): string {
  return program === 'slipway' ? text : text.replaceAll('`slipway ', `\`${program} `);
}
