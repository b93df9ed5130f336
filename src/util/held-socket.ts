import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { errorCode } from '../errors.ts';

/** A Unix socket that this part of this process alone listens at, as a lock. */
export interface HeldSocket {
  /** Unrefs the server: it keeps no process alive. */
  unref(): void;
  /** Lets go at once, and breaks every connection. Resolves when the address is free. */
  close(): Promise<void>;
}

/**
 * Listens at an address of Linux's abstract namespace (it begins with `\0`), which the kernel frees with its owner's death.
 * Null where somebody else, or another part of this process, listens there.
 */
export async function holdSocket(
  address: string,
  onConnection: (socket: Socket) => void = () => {},
): Promise<HeldSocket | null> {
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    // Whoever goes away is no business of the holder's.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => connections.delete(socket));
    onConnection(socket);
  });
  server.listen(address);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (errorCode(error) === 'EADDRINUSE') return null;
    throw error;
  }
  return {
    unref: () => void server.unref(),
    close: () => close(server, connections),
  };
}

async function close(server: Server, connections: ReadonlySet<Socket>): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  for (const socket of connections) socket.destroy();
  await closed;
}
