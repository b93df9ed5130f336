import { createServer } from 'node:net';
import { errorCode, UnavailableError } from '../errors.ts';

/** The port people know MLflow by. */
export const usualPort = 5000;
const portsToTry = 100;

/** The first free port of the loopback interface: `preferred`, else the usual one, else the next ones after it. */
export async function choosePort(preferred: number | undefined, excluded: ReadonlySet<number>): Promise<number> {
  const following = Array.from({ length: portsToTry }, (_, index) => usualPort + index);
  const candidates = preferred === undefined ? following : [preferred, ...following];
  for (const port of candidates) if (!excluded.has(port) && (await isFree(port))) return port;
  throw new UnavailableError(
    `No port from ${usualPort} to ${usualPort + portsToTry - 1} is free for the tracking server.`,
  );
}

/** Whether one could listen there now. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EADDRINUSE' || errorCode(error) === 'EACCES') return false;
    throw error;
  } finally {
    server.close();
  }
}
