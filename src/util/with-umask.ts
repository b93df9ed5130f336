import { isMainThread } from 'node:worker_threads';

/**
 * Does something at once with another umask, which is the whole process's: what it makes, and a program that it starts, has the
 * rights that are named. In a worker thread, where it cannot be changed, it stays as it is.
 */
export function withUmask<Result>(umask: number, work: () => Result): Result {
  if (!isMainThread) return work();
  const before = process.umask(umask);
  try {
    return work();
  } finally {
    process.umask(before);
  }
}
