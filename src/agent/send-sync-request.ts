import { connect } from 'node:net';
import { z } from 'zod';
import { errorCode } from '../errors.ts';
import { LineSplitter } from '../util/index.ts';
import { controlLine, type SyncRequest, socketName } from './control-socket.ts';
import type { SyncReply } from './sync-requests.ts';

const syncReply: z.ZodType<SyncReply> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('progress'),
    sentEvents: z.number(),
    pendingBytes: z.number(),
    lastError: z.string().nullable(),
  }),
  z.object({ type: z.literal('sent'), isRunning: z.boolean(), url: z.string().nullable() }),
  z.object({ type: z.literal('failed'), message: z.string(), hint: z.string().nullable(), exitCode: z.number() }),
]);

/**
 * Asks the run's agent to bring it to a server, and hears of it until the agent has told an end or has ended itself.
 * Resolves with what it said last; null where none lives, or none that is ready for it. Rejects with the signal's reason.
 */
export function sendSyncRequest(
  runDirectory: string,
  request: SyncRequest,
  { signal, onReply }: { readonly signal: AbortSignal; readonly onReply: (reply: SyncReply) => void },
): Promise<SyncReply | null> {
  return new Promise((resolve, reject) => {
    let last: SyncReply | null = null;
    const socket = connect(socketName(runDirectory));
    const end = (settle: () => void): void => {
      signal.removeEventListener('abort', abort);
      socket.destroy();
      settle();
    };
    const abort = (): void => end(() => reject(signal.reason));
    const lines = new LineSplitter((line) => {
      // The first one says only that the request has come.
      if (!line.startsWith('{')) return;
      last = syncReply.parse(JSON.parse(line));
      onReply(last);
      if (last.type !== 'progress') end(() => resolve(last));
    });
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort);
    socket.on('connect', () => {
      try {
        socket.write(controlLine(runDirectory, request));
      } catch (error) {
        // An agent that has just begun writes its token next.
        end(() => (errorCode(error) === 'ENOENT' ? resolve(null) : reject(error)));
      }
    });
    socket.on('data', (chunk) => lines.write(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => end(() => resolve(last)));
  });
}
