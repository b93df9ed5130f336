import { holdSocket } from '../util/held-socket.ts';
import { type ControlSocket, socketName } from './control-socket.ts';

/**
 * Takes the run's lock without doing its work, so that no agent begins while its folder is changed or removed: nothing is
 * written, which a full disk would refuse. Whoever asks meanwhile gets no answer. Null where an agent holds the lock.
 */
export function holdRun(runDirectory: string): Promise<ControlSocket | null> {
  return holdSocket(socketName(runDirectory));
}
