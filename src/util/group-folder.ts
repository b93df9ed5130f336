import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../errors.ts';
import { withUmask } from './with-umask.ts';

/** Bits of a mode: what is made in the folder belongs to its group; the group may write; only owners remove. */
const setGroup = 0o2000;
const groupWrite = 0o020;
const sticky = 0o1000;

/** Whether a folder is kept by a group: its group may write there, and what is made in it belongs to that group. */
export function isGroupFolder(directory: string): boolean {
  try {
    const { mode } = statSync(directory);
    return (mode & setGroup) !== 0 && (mode & groupWrite) !== 0;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(errorCode(error) ?? '')) return false;
    throw error;
  }
}

/** The number of the group that keeps a folder; null for one that is not kept by a group. */
export function groupOf(directory: string): number | null {
  return isGroupFolder(directory) ? statSync(directory).gid : null;
}

/** As `groupOf`, where this user is one of the group. */
export function ownGroupOf(directory: string): number | null {
  const group = groupOf(directory);
  return group !== null && process.getgroups?.().includes(group) === true ? group : null;
}

/**
 * Makes a folder with the rights of the group's folder that it lies in, whatever this user's umask is. One of this user's own
 * that the group could not write to gets them; one of somebody else stays as it is.
 * @param isSticky Whether a sticky bit is taken over: only the owner of an entry may then remove it.
 */
export function makeGroupFolder(parent: string, name: string, { isSticky = true } = {}): void {
  const path = join(parent, name);
  const mode = statSync(parent).mode & (isSticky ? 0o7777 : 0o7777 & ~sticky);
  try {
    // With its rights from the beginning: another user may come a moment later.
    withUmask(0, () => mkdirSync(path, { mode }));
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    if (!isOwn(path) || isGroupFolder(path)) return;
  }
  chmodSync(path, mode);
}

/** Makes a file that the group may write where it is missing; one of this user's own becomes the group's, too. */
export function makeGroupFile(path: string): void {
  try {
    closeSync(openSync(path, 'ax', 0o664));
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  giveToGroup(path);
}

/** Lets the group read and write a file of this user's own. */
export function giveToGroup(path: string): void {
  if (isOwn(path)) chmodSync(path, 0o664);
}

function isOwn(path: string): boolean {
  return statSync(path).uid === process.getuid?.();
}
