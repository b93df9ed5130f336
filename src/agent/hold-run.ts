import { createServer, type Socket } from 'node:net';
import { errorCode } from '../errors.ts';
import { type ControlSocket, socketName } from './control-socket.ts';

/**
 * Takes the run's lock without doing its work, so that no agent begins while its folder is changed or removed: nothing is
 * written, which a full disk would refuse. Whoever asks meanwhile gets no answer. Null where an agent holds the lock.
 */
export function holdRun(runDirectory: string): Promise<ControlSocket | null> {
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => connections.delete(socket));
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error) => (errorCode(error) === 'EADDRINUSE' ? resolve(null) : reject(error)));
    server.listen(socketName(runDirectory), () => {
      resolve({
        close() {
          server.close();
          for (const socket of connections) socket.destroy();
        },
      });
    });
  });
}
