import { readFile } from 'node:fs/promises';

/** A mounted file system. */
export interface MountPoint {
  /** Folder it is mounted at. */
  readonly directory: string;
  /** `ext4`, `nfs4`, `fuse.sshfs`, … */
  readonly type: string;
  /** The device, or the server and its folder. */
  readonly source: string;
  readonly isReadOnly: boolean;
}

/** The file system a path lies on, from the kernel's own list, which never hangs. The path must be free of links. */
export async function findMountPoint(path: string, file = '/proc/self/mountinfo'): Promise<MountPoint | null> {
  return mountPointOf(path, await readFile(file, 'utf8'));
}

/**
 * Finds the mount of a path in the text of a `mountinfo`
 * (https://docs.kernel.org/filesystems/proc.html, "/proc/<pid>/mountinfo").
 */
export function mountPointOf(path: string, text: string): MountPoint | null {
  let best: MountPoint | null = null;
  for (const line of text.split('\n')) {
    const [before, after] = line.split(' - ');
    const [, , , , directory, options] = before?.split(' ') ?? [];
    const [type, source, superOptions] = after?.split(' ') ?? [];
    if (directory === undefined || options === undefined || type === undefined) continue;
    const mount = {
      directory: plain(directory),
      type,
      source: plain(source ?? ''),
      isReadOnly: [options, superOptions ?? ''].some((each) => each.split(',').includes('ro')),
    };
    const isAbove = mount.directory === '/' || path === mount.directory || path.startsWith(`${mount.directory}/`);
    // Of mounts at one place the last one counts.
    if (isAbove && (best === null || mount.directory.length >= best.directory.length)) best = mount;
  }
  return best;
}

/** Space, tab, line end and backslash are written in octal. */
function plain(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** What a kind of file system means for a storage. */
export type FileSystemKind = 'network' | 'memory' | 'container' | 'fuse' | 'local';

const network =
  /^(nfs\d?|cifs|smb3?|smbfs|9p|afs|ceph|lustre|gpfs|beegfs\w*|glusterfs|ncpfs|fuse\.(sshfs|rclone|glusterfs|ceph\S*|s3fs|gcsfuse|mount-s3|juicefs\S*|davfs\d?))$/;

/** Tells the kind of a file system by its type. */
export function fileSystemKind(type: string): FileSystemKind {
  if (network.test(type)) return 'network';
  if (type === 'tmpfs' || type === 'ramfs') return 'memory';
  if (type === 'overlay' || type === 'aufs') return 'container';
  return type.startsWith('fuse') ? 'fuse' : 'local';
}
