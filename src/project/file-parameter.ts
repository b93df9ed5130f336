import { existsSync } from 'node:fs';
import { join, normalize, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isStoragePath } from './parameter-value.ts';
import type { ParameterDeclaration } from './project.ts';

/** Where the program will run, as far as the paths it is given depend on it. */
export interface PathContext {
  /** Absolute folder of the storage on this machine. */
  readonly storageDirectory: string;
  /** False where the program sees this machine's own paths. */
  readonly engineHasContainers: boolean;
  /** Absolute folder of the project: what a relative path of type path starts from. */
  readonly projectDirectory: string;
}

/** A value as the program gets it, or what is wrong with it (a clause that continues `Parameter data `). */
export type ResolvedPath =
  | { readonly value: string }
  | {
      readonly problem: string;
      /** Where on this machine the file must lie, where that is all that is wrong. */
      readonly place?: string;
    };

/**
 * Gives paths their meaning: one below /storage means the storage on every engine, whatever the parameter's type;
 * one of type path must exist and be visible to the program. Everything else is returned as it is.
 */
export function resolvePath(type: ParameterDeclaration['type'], value: string, context: PathContext): ResolvedPath {
  if (isStoragePath(value)) return resolveStoragePath(value, context);
  if (type !== 'path') return { value };
  if (/^file:\/\//i.test(value)) return resolvePath(type, fileURLToPath(value), context);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) {
    return { problem: `is ${value}, but must be a path: download it below ${context.storageDirectory} first` };
  }
  const onHost = resolve(context.projectDirectory, value);
  if (!existsSync(onHost)) return { problem: `is ${value}, but ${onHost} does not exist`, place: onHost };
  if (!context.engineHasContainers) return { value: onHost };
  // The container has the project's files at its working directory, and nothing else of this machine but the storage.
  if (onHost === context.projectDirectory) return { value: '.' };
  if (onHost.startsWith(`${context.projectDirectory}/`))
    return { value: onHost.slice(context.projectDirectory.length + 1) };
  if (onHost.startsWith(`${context.storageDirectory}/`)) {
    return { value: `/storage${onHost.slice(context.storageDirectory.length)}` };
  }
  return { problem: `is ${value}, which a container does not see: put it below ${context.storageDirectory}` };
}

function resolveStoragePath(value: string, context: PathContext): ResolvedPath {
  const below = normalize(value);
  if (!isStoragePath(below.replace(/\/$/, ''))) return { problem: `is ${value}, which leads out of /storage` };
  const onHost = join(context.storageDirectory, below.slice('/storage'.length));
  if (!existsSync(onHost)) {
    return {
      problem:
        onHost === value
          ? `is ${value}, which does not exist`
          : `is ${value}, but ${onHost} does not exist on this machine`,
      place: onHost,
    };
  }
  return { value: context.engineHasContainers ? value : onHost };
}
