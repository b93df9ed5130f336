import { copyFile, lstat, mkdir, mkdtemp, open, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorCode } from '../errors.ts';
import { type GitOptions, git, gitError, gitToFile } from './git.ts';
import { type LeftOutFile, leftOutReason } from './left-out.ts';

export interface WrittenDiff {
  readonly sizeBytes: number;
  /** Untracked files that are not in the diff. */
  readonly leftOut: readonly LeftOutFile[];
}

/**
 * Writes how a folder differs from its commit, new files included, so that in a clean checkout
 * `git apply --binary <file>` (from the repository's top) makes the same tree. Paths start at the repository's top.
 * The index and the objects of the repository stay as they are: git works on a copy of the index.
 */
export async function writeDiff(
  directory: string,
  file: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<WrittenDiff> {
  const temporary = await mkdtemp(join(tmpdir(), 'slipway-diff-'));
  try {
    const onIndex = await copyIndex(temporary, { directory, ...options });
    const { included, leftOut } = await untrackedFiles(onIndex);
    if (included.length > 0) await intendToAdd(included, join(temporary, 'paths'), onIndex);

    const output = await open(file, 'w');
    try {
      await gitToFile(diffArguments, output, onIndex);
      return { sizeBytes: (await output.stat()).size, leftOut };
    } finally {
      await output.close();
    }
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Each option shuts out a setting of the user that would make a diff git apply cannot read. */
const diffArguments = [
  'diff',
  '--binary',
  '--full-index',
  '--no-color',
  '--no-ext-diff',
  '--no-textconv',
  '--no-renames',
  '--no-relative',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '--submodule=short',
  // What is changed inside a submodule belongs to its own repository; git apply could not make it.
  '--ignore-submodules=dirty',
  'HEAD',
  '--',
  '.',
];

/**
 * Options with which git works on a copy of the index and puts new objects into the temporary folder.
 * A copy keeps what git knows about unchanged files, so that it need not read them all again.
 */
async function copyIndex(temporary: string, options: GitOptions): Promise<GitOptions> {
  const gitPaths = ['rev-parse', '--path-format=absolute', '--git-path', 'index', '--git-path', 'objects'];
  const [index, objects] = (await succeed(gitPaths, options)).split('\n');
  const variables = {
    GIT_INDEX_FILE: join(temporary, 'index'),
    GIT_OBJECT_DIRECTORY: join(temporary, 'objects'),
    // Quoted, because a colon parts the folders of this list.
    GIT_ALTERNATE_OBJECT_DIRECTORIES: JSON.stringify(objects),
  };
  await mkdir(variables.GIT_OBJECT_DIRECTORY);
  const onIndex = { ...options, variables };
  try {
    await copyFile(index!, variables.GIT_INDEX_FILE);
    // git tells a file changed right after the index was written by the index's own time.
    const { atime, mtime } = await stat(index!);
    await utimes(variables.GIT_INDEX_FILE, atime, mtime);
  } catch (error) {
    // A repository can have a commit and no index: a worktree another tool has just made.
    if (errorCode(error) !== 'ENOENT') throw error;
    await succeed(['read-tree', 'HEAD'], onIndex);
  }
  return onIndex;
}

async function untrackedFiles(options: GitOptions): Promise<{ included: string[]; leftOut: LeftOutFile[] }> {
  const listed = await succeed(['ls-files', '--others', '--exclude-standard', '-z'], options);
  const included: string[] = [];
  const leftOut: LeftOutFile[] = [];
  for (const path of listed.split('\0')) {
    if (path === '') continue;
    const reason = path.endsWith('/')
      ? 'is a git repository of its own'
      : leftOutReason(path, (await lstat(join(options.directory, path))).size);
    if (reason === null) included.push(path);
    else leftOut.push({ path, reason });
  }
  return { included, leftOut };
}

/** Marks the files as new without storing their content. */
async function intendToAdd(paths: readonly string[], listFile: string, options: GitOptions): Promise<void> {
  await writeFile(listFile, paths.map((path) => `${path}\0`).join(''));
  const literal = { ...options, variables: { ...options.variables, GIT_LITERAL_PATHSPECS: '1' } };
  await succeed(['add', '--intent-to-add', `--pathspec-from-file=${listFile}`, '--pathspec-file-nul'], literal);
}

async function succeed(gitArguments: readonly string[], options: GitOptions): Promise<string> {
  const { exitCode, stdout, stderr } = await git(gitArguments, options);
  if (exitCode !== 0) throw gitError(gitArguments, stderr);
  return stdout;
}
