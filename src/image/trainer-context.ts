import { existsSync } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SlipwayError } from '../errors.ts';
import { type ContextFile, describeContext, digestOfFiles, type ImageContext } from './describe-context.ts';

const lockFile = 'package-lock.json';
/** npm packs no lock file from a package's root: `npm run prepack` leaves a copy here. */
const packedLockFile = 'deploy/package-lock.json';

/**
 * What the trainer's image is built from: the files that the Dockerfile of Slipway copies, from a clone of the project
 * or from the npm package. Its digest is the same for both, and the same where only other files changed.
 */
export async function describeTrainerContext(root: string, signal: AbortSignal): Promise<ImageContext> {
  const wanted = ['Dockerfile', ...copiedPaths(await readFile(join(root, 'Dockerfile'), 'utf8'))];
  const isWanted = ({ path }: { readonly path: string }) =>
    wanted.some((copied) => path === copied || path.startsWith(`${copied}/`));
  const isClone = existsSync(join(root, '.git'));
  // In a clone as for every project: what git would take. A file of nobody's beside the sources must not get in.
  const found = isClone ? await describeContext(root, { signal }) : await describePackage(root, wanted);
  const files = found.files.filter(isWanted).sort((one, other) => (one.path < other.path ? -1 : 1));
  const missing = wanted.find((copied) => !files.some(({ path }) => `${path}/`.startsWith(`${copied}/`)));
  if (missing !== undefined) {
    throw new SlipwayError(`The trainer's image cannot be built: ${join(root, missing)} is missing.`, {
      hint: 'Install Slipway again.',
    });
  }
  const excluded = found.excluded.filter(isWanted);
  return { directory: root, files, excluded, treeHash: await digestOfFiles(root, files) };
}

/** What a Dockerfile copies from its context, less what only a launch puts there or only some projects have (`run[s]`). */
function copiedPaths(dockerfile: string): string[] {
  const copies = [...dockerfile.matchAll(/^COPY (?!--from)(.+)$/gm)];
  return copies.flatMap(([, words = '']) => words.split(' ').slice(0, -1)).filter((path) => !/^\.ca|[*?[]/.test(path));
}

/** Whatever lies in the package: an installed one is in no repository, or is ignored by the one around it. */
async function describePackage(
  root: string,
  wanted: readonly string[],
): Promise<Pick<ImageContext, 'files' | 'excluded'>> {
  const names = await Promise.all(
    [...new Set(wanted)].map(async (path): Promise<string[]> => {
      const status = await lstat(join(root, path)).catch(() => null);
      if (status === null) return [];
      if (!status.isDirectory()) return [path];
      const entries = await readdir(join(root, path), { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
    }),
  );
  const files = await Promise.all(names.flat().map((path) => fileOf(root, path)));
  const hasLock = files.some(({ path }) => path === lockFile);
  if (!hasLock && existsSync(join(root, packedLockFile))) {
    files.push({ ...(await fileOf(root, packedLockFile)), path: lockFile, source: packedLockFile });
  }
  return { files, excluded: [] };
}

async function fileOf(root: string, path: string): Promise<ContextFile> {
  const { mode, size } = await lstat(join(root, path));
  return { path, mode: (mode & 0o100) === 0 ? 0o644 : 0o755, isLink: false, sizeBytes: size };
}
