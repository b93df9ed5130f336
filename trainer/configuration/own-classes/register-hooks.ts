import * as nodeModule from 'node:module';
import path from 'node:path';

/** Of Node.js 22.15 and later, which the types of an older one do not know. */
interface SynchronousHooks {
  registerHooks?(hooks: {
    resolve(
      specifier: string,
      context: unknown,
      nextResolve: (specifier: string, context: unknown) => { readonly url: string; readonly format?: string | null },
    ): { readonly url: string; readonly format?: string | null; readonly shortCircuit?: boolean };
  }): unknown;
}

let isDone = false;

/**
 * Makes `slipway/trainer` the running trainer for every file that imports it, and TypeScript a thing that can be
 * imported. Node.js 22.18 and later strip types themselves; for earlier ones `module-hooks.ts` does the same.
 */
export function registerHooks(): void {
  if (isDone) return;
  isDone = true;
  const extension = path.extname(import.meta.url);
  const trainerModule = new URL(`../../public${extension}`, import.meta.url).href;
  const ownFolders = ['../../', '../../../src/'].map((folder) => new URL(folder, import.meta.url).href);
  const { registerHooks: register } = nodeModule as SynchronousHooks;
  if (register !== undefined && stripsTypes()) {
    register({
      resolve(specifier, context, nextResolve) {
        if (specifier === 'slipway/trainer') return { url: trainerModule, shortCircuit: true };
        const found = nextResolve(specifier, context);
        // Without a package.json that says so, Node.js would parse the file twice to find out, and warn of it.
        return /^file:.*\.ts$/.test(found.url) && !found.format ? { ...found, format: 'module-typescript' } : found;
      },
    });
    return;
  }
  nodeModule.register(`./module-hooks${extension}`, import.meta.url, { data: { trainerModule, ownFolders } });
}

function stripsTypes(): boolean {
  return Boolean((process.features as { readonly typescript?: unknown }).typescript);
}
