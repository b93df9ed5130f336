import { realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from '../errors.ts';

/**
 * The top folder of the git working tree that holds a folder, or null. It looks for `.git` as git does (a folder, or
 * a file in a submodule or another worktree), which spares a process.
 */
export async function findTopLevel(directory: string): Promise<string | null> {
  for (let folder = await realpath(directory); ; folder = dirname(folder)) {
    if ((await exists(join(folder, '.git', 'HEAD'))) || (await isFile(join(folder, '.git')))) return folder;
    if (folder === dirname(folder)) return null;
  }
}

/** The remote's URL without what could be a secret: all user info of http, the password of everything else. */
export function withoutUserInfo(url: string): string {
  // `git@host:path` is no URL, and its user is no secret.
  if (!URL.canParse(url)) return url;
  const parsed = new URL(url);
  if (parsed.host === '') return url;
  parsed.password = '';
  if (parsed.protocol === 'http:' || parsed.protocol === 'https:') parsed.username = '';
  return parsed.href;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(ignoreMissing))?.isFile() ?? false;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(ignoreMissing)) !== undefined;
}

function ignoreMissing(error: unknown): undefined {
  const code = errorCode(error);
  if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EACCES') throw error;
}
