import { userInfo } from 'node:os';

/** Who runs this process. */
export interface CurrentUser {
  readonly uid: number;
  readonly gid: number;
  /** As the system calls them; their number where it knows no name, as in a container. */
  readonly name: string;
}

export function currentUser(): CurrentUser {
  try {
    const { uid, gid, username } = userInfo();
    return { uid, gid, name: username };
  } catch (error) {
    const { info } = error as { info?: { code?: string } };
    if (info?.code !== 'ENOENT') throw error;
    const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
    return { uid, gid, name: String(uid) };
  }
}
