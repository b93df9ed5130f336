import { mkdir, readFile, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { atomicWriteFile } from '../util/atomic-write-file.ts';
import { acquireProcessLock } from '../util/process-lock.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** `storages.json`: the storage folders a user has launched into on this machine, the newest last. */
const recordSchema = z.object({ version: z.literal(1), storages: z.array(z.string()) });

/** So many are remembered; where there are more, those that are gone are forgotten first, then the oldest. */
const mostStorages = 100;
const lockPatienceMs = 2000;

/**
 * Where the record lies: `$XDG_STATE_HOME/slipway/storages.json`, by default below `~/.local/state`
 * (https://specifications.freedesktop.org/basedir-spec/latest/). Null where this user has no home.
 */
export function storagesRecord(environment: Environment): string | null {
  const { XDG_STATE_HOME: named } = environment;
  // The specification: a path that is not absolute counts as none.
  if (named && isAbsolute(named)) return join(named, 'slipway', 'storages.json');
  const home = environment.HOME || homeOrNull();
  return home ? join(home, '.local', 'state', 'slipway', 'storages.json') : null;
}

/**
 * Remembers a storage that a run is launched into, so that `ps`, `supervise` and those who name a run find it there.
 * A convenience: whatever goes wrong here, the launch goes on, and the storage can still be named.
 */
export async function rememberStorage(directory: string, environment: Environment): Promise<void> {
  const file = storagesRecord(environment);
  if (file === null) return;
  try {
    const real = await realpath(directory);
    if ((await readRecord(file)).includes(real)) return;
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    // Several launches at once must not write over each other's storage.
    await using _lock = await acquireProcessLock(`slipway-storages ${file}`, {
      signal: AbortSignal.timeout(lockPatienceMs),
    });
    const before = await readRecord(file);
    if (before.includes(real)) return;
    const storages = await withoutSurplus([...before, real]);
    await atomicWriteFile(file, `${JSON.stringify({ version: 1, storages }, null, 2)}\n`, { mode: 0o600 });
  } catch {
    // As said above.
  }
}

/** The storages this user has launched into and that are there, the newest first, by their real paths. */
export async function knownStorages(environment: Environment): Promise<string[]> {
  const file = storagesRecord(environment);
  if (file === null) return [];
  return (await existing(await readRecord(file))).reverse();
}

/** The storage that is meant first, then the others, each once and by its real path; those that are not there are left out. */
export async function storagesToSearch(
  first: string,
  { isOnly, environment }: { readonly isOnly: boolean; readonly environment: Environment },
): Promise<string[]> {
  const own = await realpath(first).catch(() => null);
  const others = isOnly ? [] : await knownStorages(environment);
  return [...new Set([...(own === null ? [] : [own]), ...others])];
}

async function readRecord(file: string): Promise<string[]> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(file, 'utf8'))).storages;
  } catch {
    // Missing, damaged or not ours to read: there is no record then, and the next launch begins one.
    return [];
  }
}

async function withoutSurplus(storages: readonly string[]): Promise<string[]> {
  if (storages.length <= mostStorages) return [...storages];
  return (await existing(storages)).slice(-mostStorages);
}

async function existing(storages: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    storages.map((directory) =>
      stat(directory).then(
        (status) => status.isDirectory(),
        () => false,
      ),
    ),
  );
  return storages.filter((_, index) => found[index]);
}

function homeOrNull(): string | null {
  try {
    return homedir();
  } catch {
    return null;
  }
}
