import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { errorCode } from '../errors.ts';
import { type HeldSocket, holdSocket } from '../util/held-socket.ts';

/** What a command may ask of the agent that owns a run. */
export interface ControlRequest {
  readonly command: 'stop';
  readonly how: 'polite' | 'force';
  /** What the launcher got, or `SIGTERM` where somebody else asks: it decides what those who watch exit with. */
  readonly signal: 'SIGINT' | 'SIGTERM';
  /** Who asks, as it ends the sentence "it was stopped …": `by alice with slipway stop`. Left out by the launcher. */
  readonly by?: string | undefined;
  /** Time between the polite stop and the forced one; by default the plan's. */
  readonly graceMs?: number | undefined;
}

const controlRequest: z.ZodType<ControlRequest> = z.object({
  command: z.literal('stop'),
  how: z.enum(['polite', 'force']),
  signal: z.enum(['SIGINT', 'SIGTERM']),
  by: z.string().min(1).max(200).optional(),
  graceMs: z.number().int().nonnegative().optional(),
});

/** Asks the agent to bring its run to a server. */
export interface SyncRequest {
  readonly command: 'sync';
  /** What the one who asks finds in their environment of the server and its login. */
  readonly variables: Readonly<Record<string, string>>;
}

const anyRequest: z.ZodType<ControlRequest | SyncRequest> = z.union([
  controlRequest,
  z.object({ command: z.literal('sync'), variables: z.record(z.string(), z.string()) }),
]);

const tokenFile = 'control.token';

/** Characters of a request: whoever sends more is not one of us. */
const longestRequest = 65_536;

/**
 * Name of the run's control socket. It lies in Linux's abstract namespace: the kernel frees it the moment its owner
 * dies, so that holding it is the lock "one agent a run", and no file can be left behind or grow too long a path.
 */
export function socketName(runDirectory: string): string {
  const digest = createHash('sha256').update(realPath(runDirectory)).digest('hex').slice(0, 32);
  return `\0slipway-run-${digest}`;
}

/** By whichever link a storage is reached, a run has one lock. */
function realPath(runDirectory: string): string {
  try {
    return join(realpathSync(dirname(runDirectory)), basename(runDirectory));
  } catch {
    return runDirectory;
  }
}

/** The run's lock, while it is held. */
export type ControlSocket = Pick<HeldSocket, 'close'>;

/**
 * Takes the run's lock and listens for requests. Resolves with null where another agent holds it.
 * Abstract sockets have no permissions, so each request carries a token that only the run's owner can read. The signal of
 * a wish to be sent is aborted when the one who asked has left.
 */
export async function acquireControlSocket(
  runDirectory: string,
  onRequest: (request: ControlRequest) => void,
  onSync: (request: SyncRequest, reply: (line: string) => void, gone: AbortSignal) => void = () => {},
): Promise<ControlSocket | null> {
  const token = randomBytes(16).toString('hex');
  const held = await holdSocket(socketName(runDirectory), (socket) => {
    let received = '';
    const gone = new AbortController();
    socket.once('close', () => gone.abort(new Error('The one who asked has left.')));
    socket.on('data', (chunk) => {
      received += chunk.toString('utf8');
      if (received.length > longestRequest) {
        socket.destroy();
        return;
      }
      const end = received.indexOf('\n');
      if (end < 0) return;
      const request = parseRequest(received.slice(0, end), token);
      received = '';
      if (request === null) {
        socket.end('refused\n');
        return;
      }
      socket.write('accepted\n');
      if (request.command !== 'sync') onRequest(request);
      else onSync(request, (line) => socket.writable && socket.write(`${line}\n`), gone.signal);
    });
  });
  if (held !== null) keepToken(runDirectory, token);
  return held;
}

function keepToken(runDirectory: string, token: string): void {
  const file = join(runDirectory, tokenFile);
  try {
    // Made anew: where the program put a link in its place, nothing is written to where that leads.
    rmSync(file, { force: true });
    writeFileSync(file, token, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    // A disk that is full or read-only, a folder that is gone: nobody can ask anything of the agent, which has to bring
    // the run to its end all the more.
    if (errorCode(error) === undefined) throw error;
  }
}

function parseRequest(line: string, token: string): ControlRequest | SyncRequest | null {
  const separator = line.indexOf(' ');
  const given = Buffer.from(line.slice(0, separator));
  const expected = Buffer.from(token);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  return requestOf(line.slice(separator + 1));
}

/** Null for what is no request: whoever sent it is refused, and the agent goes on. */
function requestOf(text: string): ControlRequest | SyncRequest | null {
  try {
    return anyRequest.safeParse(JSON.parse(text)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** A request as it is sent. Throws ENOENT where no agent has written its token yet. */
export function controlLine(runDirectory: string, request: ControlRequest | SyncRequest): string {
  return `${readFileSync(join(runDirectory, tokenFile), 'utf8')} ${JSON.stringify(request)}\n`;
}

/** An agent answers at once; one that the kernel or a person has stopped never does. */
const usualAnswerMs = 5_000;

/** Sends one request to the run's agent. Resolves with false where no agent lives, or none that is ready for it. */
export function sendControlRequest(
  runDirectory: string,
  request: ControlRequest,
  { answerTimeoutMs = usualAnswerMs }: { readonly answerTimeoutMs?: number } = {},
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketName(runDirectory));
    socket.setTimeout(answerTimeoutMs, () => socket.destroy());
    socket.once('error', (error) => {
      const code = errorCode(error);
      if (code === 'ECONNREFUSED' || code === 'ENOENT' || code === 'ECONNRESET') resolve(false);
      else reject(error);
    });
    socket.once('connect', () => {
      try {
        socket.write(controlLine(runDirectory, request));
      } catch (error) {
        // An agent that has just begun writes its token next.
        socket.destroy();
        if (errorCode(error) !== 'ENOENT') reject(error);
      }
    });
    socket.once('data', (answer) => {
      socket.end();
      resolve(answer.toString('utf8').startsWith('accepted'));
    });
    socket.once('close', () => resolve(false));
  });
}

/** Whether the run has an agent at this moment. */
export function agentLives(runDirectory: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketName(runDirectory));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/**
 * Holds a connection to the run's agent: `onGone` is called once, when the agent has ended or where none lives.
 * Returns a function that lets go.
 */
export function watchAgent(runDirectory: string, onGone: () => void): () => void {
  const socket = connect(socketName(runDirectory));
  let released = false;
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    if (!released) onGone();
  });
  return () => {
    released = true;
    socket.destroy();
  };
}
