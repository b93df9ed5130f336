import type { Stats } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import dockerignore, { type Ignore } from '@balena/dockerignore';
import { errorCode } from '../errors.ts';
import { isGitMissing } from '../source/git.ts';
import { type LeftOutFile, leftOutReason } from '../source/left-out.ts';
import { sha256 } from '../util/sha256.ts';
import { blobId, readGitTree } from './git-tree.ts';

/** One file that enters an image. */
export interface ContextFile {
  /** Relative to the folder, with slashes. */
  readonly path: string;
  /** `0o644`, or `0o755` where its owner may execute it: equal trees give equal layers whatever the umask was. */
  readonly mode: 0o644 | 0o755;
  readonly isLink: boolean;
  readonly sizeBytes: number;
  /** Where it lies in the folder, where that is not its path in the image. */
  readonly source?: string;
}

/** What of a folder enters an image. */
export interface ImageContext {
  readonly directory: string;
  /** In the order of their paths. */
  readonly files: readonly ContextFile[];
  /** New files kept out although git would take them, and why. */
  readonly excluded: readonly LeftOutFile[];
  /** Digest (16 hexadecimal digits) of the files where they differ from the commit or there is none; null for a clean tree. */
  readonly treeHash: string | null;
}

export interface DescribeContextOptions {
  readonly signal?: AbortSignal;
  /** Absolute folders that are no part of the code, such as the storage. */
  readonly exclude?: readonly string[];
}

/** Outside git nobody says what is generated: these names always are. */
const generatedFolders = new Set(['.git', 'node_modules', '__pycache__', '.venv', 'mlruns', '.ca']);
// The package's types speak of a default export; what Node.js imports is the function itself.
const createIgnore = dockerignore as unknown as (options: { ignorecase: boolean }) => Ignore;
const dockerfileName = 'Dockerfile';
/** How many files are looked at at once. */
const parallelFiles = 64;

interface Listing {
  readonly tracked: ReadonlyMap<string, string>;
  readonly untracked: readonly string[];
  readonly changed: ReadonlySet<string> | null;
}

/**
 * Finds what enters the image: what git would take, tracked or new, less `.dockerignore`, less new files that look like
 * credentials or are large. A clean tree is not read at all; of a changed one, only what changed.
 */
export async function describeContext(directory: string, options: DescribeContextOptions = {}): Promise<ImageContext> {
  const root = resolve(directory);
  const isOutside = outsideOf(root, options.exclude ?? []);
  const listing = withoutOutside(await listFiles(root, options.signal), isOutside);
  const wanted = await wantedPaths(root, [...listing.tracked.keys(), ...listing.untracked]);
  const files: ContextFile[] = [];
  const excluded: LeftOutFile[] = [];
  await inParallel(wanted, async (path) => {
    options.signal?.throwIfAborted();
    const status = await statusOf(join(root, path));
    if (status === null || !(status.isFile() || status.isSymbolicLink())) return;
    const reason = listing.tracked.has(path) || path === dockerfileName ? null : leftOutReason(path, status.size);
    if (reason !== null) {
      excluded.push({ path, reason });
      return;
    }
    files.push({
      path,
      mode: (status.mode & 0o100) !== 0 ? 0o755 : 0o644,
      isLink: status.isSymbolicLink(),
      sizeBytes: status.size,
    });
  });
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  excluded.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { directory: root, files, excluded, treeHash: await hashTree(root, files, listing) };
}

/** Digest (64 hexadecimal digits) of files by their content, whatever git says of them. */
export async function digestOfFiles(root: string, files: readonly ContextFile[]): Promise<string> {
  return digestOf(files, ({ path, source, sizeBytes, isLink }) => blobId(root, source ?? path, sizeBytes, isLink));
}

async function listFiles(directory: string, signal?: AbortSignal): Promise<Listing> {
  const tree = await gitTreeOrNull(directory, signal);
  if (tree === null) return { tracked: new Map(), untracked: await walk(directory, ''), changed: null };
  const tracked = new Map(tree.tracked);
  const untracked = [...tree.untracked];
  const changed = new Set(tree.changed);
  for (const path of tree.submodules) {
    const inner = await listFiles(join(directory, path), signal);
    for (const [name, id] of inner.tracked) tracked.set(`${path}/${name}`, id);
    for (const name of inner.untracked) untracked.push(`${path}/${name}`);
    for (const name of inner.changed ?? []) changed.add(`${path}/${name}`);
  }
  return { tracked, untracked, changed };
}

async function gitTreeOrNull(directory: string, signal?: AbortSignal): ReturnType<typeof readGitTree> {
  try {
    return await readGitTree(directory, signal);
  } catch (error) {
    if (isGitMissing(error)) return null;
    throw error;
  }
}

async function walk(directory: string, prefix: string): Promise<string[]> {
  const entries = await readdir(join(directory, prefix), { withFileTypes: true });
  const nested = await Promise.all(
    entries.map((entry) => {
      const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
      if (!entry.isDirectory()) return [path];
      return generatedFolders.has(entry.name) ? [] : walk(directory, path);
    }),
  );
  return nested.flat();
}

/** True for a path in one of the folders. */
function outsideOf(root: string, folders: readonly string[]): (path: string) => boolean {
  const prefixes = folders
    .map((folder) => relative(root, folder).split(sep).join('/'))
    .filter((folder) => folder !== '' && !folder.startsWith('..') && !isAbsolute(folder))
    .map((folder) => `${folder}/`);
  return (path) => prefixes.some((prefix) => path.startsWith(prefix) || `${path}/` === prefix);
}

/** What a run writes into a storage folder inside the project does not make its code another one. */
function withoutOutside(listing: Listing, isOutside: (path: string) => boolean): Listing {
  return {
    tracked: listing.tracked,
    untracked: listing.untracked.filter((path) => !isOutside(path)),
    changed: listing.changed === null ? null : new Set([...listing.changed].filter((path) => !isOutside(path))),
  };
}

async function wantedPaths(root: string, paths: readonly string[]): Promise<string[]> {
  const rules = await readFile(join(root, '.dockerignore'), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  });
  const ignored = createIgnore({ ignorecase: false }).add(rules);
  // The builder reads the Dockerfile out of the context even where the image does not get it.
  return [...new Set(paths)].filter((path) => path === dockerfileName || !ignored.ignores(path));
}

/** Null for a file that git still lists and that is gone. */
async function statusOf(file: string): Promise<Stats | null> {
  try {
    return await lstat(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null;
    throw error;
  }
}

async function hashTree(root: string, files: readonly ContextFile[], listing: Listing): Promise<string | null> {
  const { changed } = listing;
  if (changed !== null && changed.size === 0) return null;
  const digest = await digestOf(files, async ({ path, isLink, sizeBytes }) => {
    const known = changed === null || changed.has(path) ? undefined : listing.tracked.get(path);
    return known ?? (await blobId(root, path, sizeBytes, isLink));
  });
  return digest.slice(0, 16);
}

async function digestOf(files: readonly ContextFile[], idOf: (file: ContextFile) => Promise<string>): Promise<string> {
  const lines = new Map<string, string>();
  await inParallel(files, async (file) => {
    const { path, mode, isLink } = file;
    lines.set(path, `${isLink ? '120000' : `100${mode.toString(8)}`} ${await idOf(file)}\t${path}`);
  });
  return sha256(files.map(({ path }) => lines.get(path)).join('\0'));
}

async function inParallel<T>(items: readonly T[], task: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: Math.min(parallelFiles, items.length) }, async () => {
      for (const item of rest) await task(item);
    }),
  );
}
