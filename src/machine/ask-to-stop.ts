import { type ControlRequest, sendControlRequest } from '../agent/index.ts';
import { errorMessage } from '../errors.ts';
import { sleep } from '../util/index.ts';

const repeatMs = 150;

/**
 * Asks the run's agent until it has taken the request or the run is over: an agent that has just begun, or is just
 * being replaced, does not hear the first time.
 */
export async function askToStop(
  runDirectory: string,
  request: ControlRequest,
  isOver: () => boolean,
  onWarning: (text: string) => void,
): Promise<void> {
  while (!isOver()) {
    try {
      if (await sendControlRequest(runDirectory, request)) return;
    } catch (error) {
      onWarning(`The agent could not be asked to stop: ${errorMessage(error)}`);
      return;
    }
    await sleep(repeatMs);
  }
}
