import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { environment } from '../config.ts';
import { CannotWriteError, errorCode, errorMessage, UsageError } from '../errors.ts';
import { parseRemoteProject, type RemoteProject, repositoryName } from '../util/project-address.ts';
import { quoteForShell } from '../util/quote-for-shell.ts';
import { sha256 } from '../util/sha256.ts';
import { type GitOptions, git, gitError } from './git.ts';
import { hiddenLogin } from './hidden-login.ts';
import { remoteError } from './remote-error.ts';
import { chooseVersion, noVersion, parseRemoteVersions, type RemoteVersions } from './remote-versions.ts';

/** A project of a repository, as files of this machine. */
export interface ClonedProject extends RemoteProject {
  /** Absolute folder of the MLproject. */
  readonly directory: string;
  readonly commit: string;
  /** The branch that was asked for, or the default one; null for a tag and a commit. */
  readonly branch: string | null;
  /** The name of the folder in the repository, else that of the repository. */
  readonly name: string;
  /** Whether the commit was here already. */
  readonly reused: boolean;
}

export interface CloneOptions {
  /** A branch, a tag or a commit; null for the default branch. */
  readonly version: string | null;
  readonly storageDirectory: string;
  readonly signal?: AbortSignal;
}

/** A server that sends nothing for so long has gone. */
const longestSilenceSeconds = 60;
const fullCommit = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * Has a commit of a repository in the storage, in a folder of its own, which other launches and resumed runs share. The
 * repository is asked each time what its branches are. Nothing asks for a password: git knows it, or is refused.
 * @throws UsageError and UnavailableError that say why it cannot be had.
 */
export async function cloneProject(address: string, options: CloneOptions): Promise<ClonedProject> {
  const project = parseRemoteProject(address);
  const { repositoryUrl: url, folder } = project;
  // Files of another user could neither be changed nor, for git's safety, be read.
  const digest = sha256(`${process.getuid?.() ?? 0} ${url}`).slice(0, 16);
  const root = join(options.storageDirectory, 'cache', 'projects', digest);
  await makeFolder(root);
  const here = { directory: root, signal: options.signal };
  const gitOptions = { ...here, variables: { ...remoteVariables(), ...(await hiddenLogin(url, here)) } };

  const versions = await askVersions(url, gitOptions);
  const { commit: wanted, branch } = chooseVersion(versions, options.version, url);
  const kept = await findClean(root, wanted, gitOptions);
  const { commit, directory } = kept ?? (await clone(url, wanted, versions, root, gitOptions));
  await findProject(project, commit, options.version, { ...gitOptions, directory });
  return {
    ...project,
    directory: join(directory, folder),
    commit,
    branch,
    name: folder === '' ? repositoryName(url) : folder.slice(folder.lastIndexOf('/') + 1),
    reused: kept !== null,
  };
}

/** Nothing may wait for an answer: ssh asks its helper in place of the terminal, and that one says no. */
function remoteVariables(): Record<string, string> {
  return {
    SSH_ASKPASS: environment().SSH_ASKPASS || 'false',
    SSH_ASKPASS_REQUIRE: 'force',
    GIT_HTTP_LOW_SPEED_LIMIT: '1',
    GIT_HTTP_LOW_SPEED_TIME: String(longestSilenceSeconds),
  };
}

async function askVersions(url: string, options: GitOptions): Promise<RemoteVersions> {
  const answer = await git(['ls-remote', '--symref', '--', url, 'HEAD', 'refs/heads/*', 'refs/tags/*'], options);
  if (answer.exitCode !== 0) throw remoteError(url, answer.stderr);
  return parseRemoteVersions(answer.stdout);
}

/** A folder of the commit as it was cloned: a program on the host may have written into another one. */
async function findClean(
  root: string,
  wanted: string,
  options: GitOptions,
): Promise<{ directory: string; commit: string } | null> {
  const names = (await readdir(root)).filter((name) => /^[0-9a-f]+(-\d+)?$/.test(name) && name.startsWith(wanted));
  // Few digits may stand for several commits, of which not all are here.
  if (!fullCommit.test(wanted)) return null;
  for (const name of names.sort()) {
    const directory = join(root, name);
    const status = await git(['status', '--porcelain', '--untracked-files=all'], { ...options, directory });
    if (status.exitCode === 0 && status.stdout === '') return { directory, commit: wanted };
  }
  return null;
}

/** Clones under another name, and gives the folder its own when it is whole. */
async function clone(
  url: string,
  wanted: string,
  versions: RemoteVersions,
  root: string,
  options: GitOptions,
): Promise<{ directory: string; commit: string }> {
  const unfinished = join(root, `unfinished-${randomUUID()}`);
  await makeFolder(unfinished);
  const here = { ...options, directory: unfinished };
  try {
    await succeed(['init', '--quiet', `--object-format=${objectFormat(versions)}`], here);
    await succeed(['remote', 'add', 'origin', url], here);
    await fetch(url, wanted, here);
    const found = await git(['rev-parse', '--verify', '--quiet', `${wanted}^{commit}`], here);
    if (found.exitCode !== 0) throw noVersion(versions, wanted, url);
    const commit = found.stdout.trim();
    await succeed(['-c', 'advice.detachedHead=false', 'checkout', '--quiet', '--detach', commit], here);
    if (existsSync(join(unfinished, '.gitmodules'))) {
      await succeed(['submodule', '--quiet', 'update', '--init', '--recursive'], here);
    }
    const kept = fullCommit.test(wanted) ? null : await findClean(root, commit, options);
    return kept ?? { directory: await place(unfinished, join(root, commit)), commit };
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** A repository of either digest takes commits of its own kind alone. */
function objectFormat({ branches, tags }: RemoteVersions): 'sha1' | 'sha256' {
  return [...branches.values(), ...tags.values()][0]?.length === 64 ? 'sha256' : 'sha1';
}

/** The commit alone where the server gives it by itself, else all that the repository has. */
async function fetch(url: string, wanted: string, options: GitOptions): Promise<void> {
  if (fullCommit.test(wanted)) {
    const alone = await git(['fetch', '--quiet', '--no-tags', '--depth=1', 'origin', wanted], options);
    if (alone.exitCode === 0) return;
  }
  const all = ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'];
  const answer = await git(['fetch', '--quiet', 'origin', ...all], options);
  if (answer.exitCode !== 0) throw remoteError(url, answer.stderr);
}

/** The first name that is free: another launch may have been faster, or a program may have changed the one before. */
async function place(unfinished: string, wanted: string): Promise<string> {
  for (let copy = 1; ; copy += 1) {
    const directory = copy === 1 ? wanted : `${wanted}-${copy}`;
    try {
      await rename(unfinished, directory);
      return directory;
    } catch (error) {
      if (errorCode(error) !== 'ENOTEMPTY' && errorCode(error) !== 'EEXIST') throw error;
    }
  }
}

/** Throws UsageError where the folder holds no MLproject, with the folders that do. */
async function findProject(
  { repositoryUrl, folder, uri }: RemoteProject,
  commit: string,
  version: string | null,
  options: GitOptions,
): Promise<void> {
  const files = (await succeed(['ls-files', '-z'], options)).split('\0');
  const folders = files
    .filter((file) => /(^|\/)mlproject$/i.test(file))
    .map((file) => file.slice(0, Math.max(0, file.lastIndexOf('/'))));
  if (folders.includes(folder)) return;
  const words = version === null ? '' : ` --version ${quoteForShell(version)}`;
  const others = folders
    .slice(0, 5)
    .map(
      (each) => `\`slipway run ${quoteForShell(each === '' ? repositoryUrl : `${repositoryUrl}#${each}`)}${words}\``,
    );
  const hint = others.length === 0 ? 'None of its folders has one.' : `There is one for ${others.join(', ')}`;
  const at = `at commit ${commit.slice(0, 12)}`;
  const isFolder = folder === '' || files.some((file) => file.startsWith(`${folder}/`));
  throw new UsageError(
    isFolder
      ? `There is no MLproject file in ${uri} ${at}.`
      : `The repository ${repositoryUrl} has no folder ${folder} ${at}.`,
    { hint },
  );
}

async function succeed(gitArguments: readonly string[], options: GitOptions): Promise<string> {
  const { exitCode, stdout, stderr } = await git(gitArguments, options);
  if (exitCode !== 0) throw gitError(gitArguments, stderr);
  return stdout;
}

async function makeFolder(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    throw new CannotWriteError(`The folder ${directory} cannot be made: ${errorMessage(error)}.`, { cause: error });
  }
}
