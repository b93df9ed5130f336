import { statfs } from 'node:fs/promises';

/** The file system that a folder lies on, in bytes. */
export interface DiskReading {
  readonly usedBytes: number;
  /** What this user may still write; less than what is free, where some is kept for root. */
  readonly availableBytes: number;
}

export async function readDisk(directory: string): Promise<DiskReading> {
  const { blocks, bfree, bavail, bsize } = await statfs(directory);
  return { usedBytes: (blocks - bfree) * bsize, availableBytes: bavail * bsize };
}
