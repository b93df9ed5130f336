import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const hooks = pathToFileURL(resolve(import.meta.dirname, 'typescript-hooks.mjs')).href;

/**
 * The arguments that make Node.js run a TypeScript file of the project in a process of its own, without a build:
 * `spawn(process.execPath, [...typeScriptProgram(file), argument])`.
 */
export function typeScriptProgram(file: string): string[] {
  return ['--import', hooks, file];
}
