import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { errorMessage, UsageError } from '../errors.ts';
import { resolveInRunDirectory } from '../runlog/index.ts';

/** A file of this machine and where it goes below the root of the artifacts, with `/`. */
export interface Upload {
  readonly file: string;
  readonly to: string;
}

/** What an event asks to be uploaded; `problems` are the parts that cannot be. */
export interface UploadPlan {
  readonly uploads: readonly Upload[];
  readonly problems: readonly string[];
}

/**
 * The files meant by a path of the run log. `to` is a folder among the artifacts, as MLflow's `artifact_path`: a file
 * keeps its name in it, a folder's content goes below it. Without it a file or folder lies among the artifacts as it
 * lies in the run folder, less a leading `artifacts/`. Throws UsageError for what is missing or leads out.
 */
export async function planUpload(runDirectory: string, path: string, to?: string): Promise<UploadPlan> {
  const real = await resolveInRunDirectory(runDirectory, path);
  const given = artifactPath(to ?? '');
  const usual = artifactPath(relative(runDirectory, join(runDirectory, path)).split(sep).join('/')).replace(
    /^artifacts(\/|$)/,
    '',
  );
  const isFolder = (await stat(real)).isDirectory();
  if (isFolder) return planFolder(runDirectory, real, to === undefined ? usual : given);
  const name = usual.split('/').at(-1) as string;
  return { uploads: [{ file: real, to: to === undefined ? usual : joined(given, name) }], problems: [] };
}

/** Every file below a folder. A link is followed to a file of the run folder and nowhere else. */
export async function planFolder(runDirectory: string, folder: string, to: string): Promise<UploadPlan> {
  const uploads: Upload[] = [];
  const problems: string[] = [];
  const root = await realpath(runDirectory);
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    const target = joined(to, relative(folder, path).split(sep).join('/'));
    if (entry.isFile()) uploads.push({ file: path, to: target });
    if (!entry.isSymbolicLink()) continue;
    try {
      const real = await resolveInRunDirectory(root, relative(root, path));
      if ((await stat(real)).isFile()) uploads.push({ file: real, to: target });
      else problems.push(`"${relative(root, path)}" is a link to a folder`);
    } catch (error) {
      problems.push(errorMessage(error));
    }
  }
  uploads.sort((one, other) => (one.to < other.to ? -1 : 1));
  return { uploads, problems };
}

/** A path among the artifacts, checked: the server would refuse `..` and `#` and turn `%20` into a space. */
export function artifactPath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || path.startsWith('/') || /[#%\\\n]/.test(path)) {
    throw new UsageError(`"${path}" cannot be a path among the artifacts: no "..", "#", "%", "\\" and no leading "/".`);
  }
  return parts.join('/');
}

function joined(folder: string, name: string): string {
  return artifactPath(folder === '' ? name : `${folder}/${name}`);
}
