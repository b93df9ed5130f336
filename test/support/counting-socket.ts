import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { TemporaryDirectory } from './temporary-directory.ts';

/** A Unix socket in front of another that counts what is sent to it. */
export interface CountingSocket extends AsyncDisposable {
  readonly path: string;
  /** Bytes sent through it so far, by everyone. */
  sentBytes(): number;
}

/** Puts a counting socket in front of `target`. */
export async function countingSocket(target: string, folder: TemporaryDirectory): Promise<CountingSocket> {
  const path = folder.join('counting.sock');
  const open = new Set<Socket>();
  let sent = 0;
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ path: target, allowHalfOpen: true });
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      // One side that breaks off takes the other along.
      socket.on('error', () => [near, far].map((one) => one.destroy()));
    }
    near.on('data', (chunk) => {
      sent += chunk.length;
    });
    near.pipe(far);
    far.pipe(near);
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    path,
    sentBytes: () => sent,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
