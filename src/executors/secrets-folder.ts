import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { CannotWriteError, errorMessage } from '../errors.ts';

/** Tells a program in which folder its secrets lie, on every engine. */
export const secretsVariable = 'SLIPWAY_SECRETS_DIR';

/** The folder of a run on the host: nothing in it is ever sent to a server, not even where a program asks for it. */
export function secretsFolder(runDirectory: string): string {
  return join(runDirectory, 'secrets');
}

/**
 * Makes the folder in which a program on the host finds its secrets: links to the files, so that there is no copy to be
 * left behind, and nobody else may enter it. Throws CannotWriteError.
 */
export async function makeSecretsFolder(
  runDirectory: string,
  secretFiles: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  if (Object.keys(secretFiles).length === 0) return {};
  const folder = secretsFolder(runDirectory);
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { mode: 0o700 });
    for (const [name, file] of Object.entries(secretFiles)) await symlink(file, join(folder, name));
  } catch (error) {
    throw new CannotWriteError(`The folder of the run's secrets ${folder} cannot be made: ${errorMessage(error)}.`, {
      cause: error,
    });
  }
  return { [secretsVariable]: folder };
}

/** Removes the links, not the files; fine where there are none. */
export async function removeSecretsFolder(runDirectory: string): Promise<void> {
  await rm(secretsFolder(runDirectory), { recursive: true, force: true });
}
