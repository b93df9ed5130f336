import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { UnavailableError } from '../errors.ts';
import { holdSocket } from './held-socket.ts';

export interface ProcessLock extends AsyncDisposable {
  release(): Promise<void>;
}

export interface ProcessLockOptions {
  readonly signal?: AbortSignal;
  /** Whether all users of the machine wait for each other; otherwise each user has a lock of this name. */
  readonly isOfAllUsers?: boolean;
  /** Called once where another process holds the lock and this one begins to wait. */
  readonly onWait?: () => void;
}

/**
 * Waits for the machine's lock of this name and takes it. The lock is a Unix socket in Linux's abstract namespace: it
 * has no file, so that nothing stale can stay behind, and the kernel frees it when its owner dies.
 */
export async function acquireProcessLock(name: string, options: ProcessLockOptions = {}): Promise<ProcessLock> {
  const address = lockAddress(name, options.isOfAllUsers === true);
  for (let attempt = 0; ; attempt++) {
    options.signal?.throwIfAborted();
    const lock = await tryListen(address);
    if (lock) return lock;
    if (attempt === 0) options.onWait?.();
    options.signal?.throwIfAborted();
    await holderGone(address, options.signal);
  }
}

/** The user is part of the name, unless it is said otherwise: a lock never waits for somebody else's process. */
function lockAddress(name: string, isOfAllUsers: boolean): string {
  if (process.platform !== 'linux') {
    throw new UnavailableError(`Slipway needs Linux, and this machine runs ${process.platform}.`, {
      hint: 'Launch on a Linux machine, or in a virtual one.',
    });
  }
  // An abstract address has room for 107 bytes.
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 40);
  return `\0slipway.${isOfAllUsers ? 'all' : (process.getuid?.() ?? 0)}.${digest}`;
}

/** Takes the lock if it is free; null where another process, or another part of this one, holds it. */
async function tryListen(address: string): Promise<ProcessLock | null> {
  // A waiter keeps no process alive, and neither does the lock.
  const held = await holdSocket(address, (waiter) => void waiter.unref());
  if (held === null) return null;
  held.unref();
  return { release: held.close, [Symbol.asyncDispose]: held.close };
}

/** Resolves when the process that holds the lock lets go of it, by its will or by its death. */
async function holderGone(address: string, signal: AbortSignal | undefined): Promise<void> {
  const socket = connect(address);
  const abort = () => socket.destroy();
  signal?.addEventListener('abort', abort, { once: true });
  // Both a refused connection (the holder has just gone) and a broken one mean: try again.
  socket.on('error', () => socket.destroy());
  socket.resume();
  try {
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  } finally {
    signal?.removeEventListener('abort', abort);
  }
  signal?.throwIfAborted();
}
