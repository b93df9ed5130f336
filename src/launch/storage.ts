import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { CannotWriteError, errorCode, UsageError } from '../errors.ts';
import { isGroupFolder, makeGroupFolder } from '../util/group-folder.ts';

const shared = '/storage';

/**
 * The storage folder: named by --storage or SLIPWAY_STORAGE, else /storage where it can be written, else
 * `storage` in the project. It is made where it is missing. Throws CannotWriteError where it cannot be written.
 */
export function chooseStorage(
  named: string | null,
  environment: Readonly<Record<string, string | undefined>>,
  projectDirectory: string,
): string {
  const directory = checkStorage(locateStorage(named, environment, projectDirectory), makeFolder);
  if (isGroupFolder(directory)) makeFoldersOfGroup(directory);
  return directory;
}

/** The storage as `chooseStorage` finds it, with the same errors, and nothing is made: the launch would make it. */
export function previewStorage(...place: Parameters<typeof locateStorage>): string {
  const directory = locateStorage(...place);
  checkStorage(nearestFolder(directory), () => {});
  return directory;
}

/** The folder itself, or the one in which it would be made. */
function nearestFolder(directory: string): string {
  return existsSync(directory) || directory === dirname(directory) ? directory : nearestFolder(dirname(directory));
}

function checkStorage(directory: string, make: (directory: string) => void): string {
  if (directory === shared && isWritable(shared)) return shared;
  try {
    make(directory);
    if (!statSync(directory).isDirectory()) throw Object.assign(new Error('no folder'), { code: 'ENOTDIR' });
  } catch (error) {
    if (errorCode(error) === 'EEXIST' || errorCode(error) === 'ENOTDIR') {
      throw new UsageError(`The storage ${directory} is not a folder.`, { hint: 'Name a folder with --storage.' });
    }
    throw notWritable(directory, error);
  }
  try {
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw notWritable(directory, error);
  }
  return directory;
}

/** In a storage that a group keeps, whoever comes first must not be the only one who may write. */
function makeFoldersOfGroup(directory: string): void {
  try {
    for (const name of ['runs', 'cache', 'cache/projects', 'cache/features', 'cache/data']) {
      makeGroupFolder(dirname(join(directory, name)), basename(name));
    }
    // Whoever starts the tracking server replaces what another has left there.
    makeGroupFolder(directory, 'mlflow', { isSticky: false });
    makeGroupFolder(join(directory, 'mlflow'), 'artifacts', { isSticky: false });
  } catch (error) {
    throw notWritable(directory, error);
  }
}

/** Where the storage folder is or would be, chosen in the same way; touches nothing. */
export function locateStorage(
  named: string | null,
  environment: Readonly<Record<string, string | undefined>>,
  projectDirectory: string,
): string {
  const wish = named ?? environment.SLIPWAY_STORAGE ?? null;
  return wish === null && isWritable(shared) ? shared : resolve(wish ?? join(projectDirectory, 'storage'));
}

/** Makes a folder with its parents, one by one: Node's own `recursive` never returns for a place such as /proc. */
function makeFolder(directory: string): void {
  if (existsSync(directory) && statSync(directory).isDirectory()) return;
  try {
    mkdirSync(directory);
  } catch (error) {
    const parent = dirname(directory);
    if (errorCode(error) !== 'ENOENT' || parent === directory) throw error;
    makeFolder(parent);
    mkdirSync(directory);
  }
}

function isWritable(directory: string): boolean {
  try {
    if (!statSync(directory).isDirectory()) return false;
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function notWritable(directory: string, cause: unknown): CannotWriteError {
  return new CannotWriteError(
    `The storage folder ${directory} cannot be written by this user (${errorCode(cause) ?? 'unknown reason'}).`,
    {
      cause,
      hint: isGroupFolder(directory)
        ? `It is kept by a group that you are not in, or not yet in this session (\`id\`): ask for it, log in anew, or name another one with --storage.`
        : `Give it to yourself (\`sudo chown "$(id -u)" ${directory}\`), or name another one with --storage.`,
    },
  );
}
