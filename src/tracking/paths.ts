import { existsSync, realpathSync } from 'node:fs';
import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CannotWriteError, errorMessage } from '../errors.ts';
import { isGroupFolder, makeGroupFile } from '../util/group-folder.ts';
import { sha256 } from '../util/index.ts';
import type { TrackingPaths } from './types.ts';

/** The server's name of its own artifact that tells which storage it serves. */
export const identityArtifact = 'slipway-server-id';

/** Where the embedded server of a storage folder keeps its files. Touches nothing. */
export function trackingPaths(storageDirectory: string): TrackingPaths {
  const storage = realPath(storageDirectory);
  const directory = join(storage, 'mlflow');
  return {
    directory,
    database: join(directory, 'mlflow.db'),
    record: join(directory, 'server.json'),
    log: join(directory, 'server.log'),
    identity: join(directory, 'artifacts', identityArtifact),
    key: sha256(storage).slice(0, 16),
  };
}

/**
 * Makes the server's folders, and in a storage that a group keeps the files that the server would keep to its starter: SQLite
 * gives its own the rights of the database. Throws CannotWriteError where the user may not write there.
 */
export async function makeTrackingDirectories(paths: TrackingPaths): Promise<void> {
  const { database } = paths;
  try {
    await mkdir(join(paths.directory, 'artifacts'), { recursive: true });
    await access(paths.directory, constants.W_OK | constants.X_OK);
    await access(join(paths.directory, 'artifacts'), constants.W_OK | constants.X_OK);
    if (isGroupFolder(paths.directory)) for (const file of [database, paths.log]) makeGroupFile(file);
    if (existsSync(database)) await access(database, constants.R_OK | constants.W_OK);
  } catch (cause) {
    throw new CannotWriteError(
      `The tracking server's folder ${paths.directory} cannot be written: ${errorMessage(cause)}.`,
      {
        hint: isGroupFolder(paths.directory)
          ? `Whoever it belongs to lets the group in: \`chmod -R g+rwX ${paths.directory}\``
          : 'Name another storage folder with --storage, or give this one to your user.',
        cause,
      },
    );
  }
}

/** One folder has one server, whichever link leads to it. */
function realPath(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    // A folder that does not exist yet has no links to resolve.
    return directory;
  }
}
