import { realpathSync } from 'node:fs';
import path from 'node:path';
import { errorMessage, SlipwayError } from '../../../src/errors.ts';
import type { Parameters } from '../../parameters.ts';
import { isOwnClassName } from './class-file.ts';

/** The folder in which a person's own classes lie, absolute and as Node.js names its files in stacks. */
export function codeFolderOf(parameters: Pick<Parameters, 'src_code_path'>, workingDirectory: string): string {
  const folder = path.resolve(workingDirectory, parameters.src_code_path);
  try {
    return realpathSync(folder);
  } catch {
    // Whoever looks for a file in it says that it is not there.
    return folder;
  }
}

/** `/project/src/dataset.ts, line 3`: the innermost place in a person's own files that a stack names. */
export function placeOf(error: unknown, codeFolder: string): string | null {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const [, file = '', line] of stack.matchAll(/(?:file:\/\/)?(\/[^\n():]+):(\d+)/g)) {
    const decoded = decodeURI(file);
    if (decoded.startsWith(`${codeFolder}${path.sep}`)) return `${decoded}, line ${line}`;
  }
  return null;
}

/** An error in a few words: `TypeError: …`. */
export function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : errorMessage(error);
}

/**
 * What a training failed of, told with the file and line of a person's own class where it came through one: it is that
 * class which is to be mended. Everything else is given back as it is.
 */
export function toldWithPlace(error: unknown, parameters: Parameters, workingDirectory: string): unknown {
  const names = Object.entries(parameters).filter(([key]) => key.endsWith('_class'));
  if (error instanceof SlipwayError || !names.some(([, name]) => isOwnClassName(String(name)))) return error;
  const place = placeOf(error, codeFolderOf(parameters, workingDirectory));
  return place === null ? error : new SlipwayError(`${place}: ${textOf(error)}`, { cause: error });
}
