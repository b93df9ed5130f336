import { readFileSync } from 'node:fs';
import type { LoadHook, ResolveHook } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync } from '@swc/wasm-typescript';

/** What the stripping of types throws: no Error, but this. */
interface Refusal {
  readonly code?: string;
  readonly message?: string;
  readonly startLine?: number;
}

let trainerModule = '';
let ownFolders: readonly string[] = [];

/** Told once, before the first module: the address of `slipway/trainer`, and the folders of Slipway's own files. */
export function initialize(data: { readonly trainerModule: string; readonly ownFolders: readonly string[] }): void {
  ({ trainerModule, ownFolders } = data);
}

/** `slipway/trainer` is the trainer that runs, wherever the file lies that asks for it. */
export const resolve: ResolveHook = (specifier, context, nextResolve) =>
  specifier === 'slipway/trainer' ? { url: trainerModule, shortCircuit: true } : nextResolve(specifier, context);

/** Strips the types of a TypeScript file, each to as many blanks, so that lines and columns stay what they are. */
export const load: LoadHook = (url, context, nextLoad) => {
  const isTypeScript = /^file:.*\.m?ts$/.test(url) && !ownFolders.some((folder) => url.startsWith(folder));
  if (!isTypeScript) return nextLoad(url, context);
  const file = fileURLToPath(url);
  return { format: 'module', source: withoutTypes(readFileSync(file, 'utf8'), file), shortCircuit: true };
};

function withoutTypes(source: string, file: string): string {
  try {
    return transformSync(source, { mode: 'strip-only', module: true, filename: file }).code;
  } catch (error) {
    const { code, message = String(error), startLine = 1 } = error as Refusal;
    const why =
      code === 'UnsupportedSyntax' ? `${message}: only types that can be erased are taken, as by Node.js` : message;
    const refusal = new SyntaxError(why);
    // As of an error that the file itself throws: the line is found in the same way.
    refusal.stack = `SyntaxError: ${why}\n    at ${pathToFileURL(file)}:${startLine}:1`;
    throw refusal;
  }
}
