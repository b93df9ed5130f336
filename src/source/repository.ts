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

/**
 * The remote's URL without what could be a secret: all user info and the query of http, the password of everything else.
 * Of an address that a parser does not read, all before the last @ of its host goes.
 */
export function withoutUserInfo(url: string): string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/is.exec(url) ?? [];
  // `git@host:path` is no URL, and its user is no secret; `user:password@host:path` has one.
  if (scheme === '') return url.replace(/^([^/@:]+):[^/@]*@(?=[^/@:]+:)/, '$1@');
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null) return `${scheme}${rest.replace(/^[^/]*@/, '')}`;
  if (parsed.host === '') return url;
  parsed.password = '';
  if (/^https?:$/.test(parsed.protocol)) {
    parsed.username = '';
    parsed.search = '';
    parsed.hash = '';
  }
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
