import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type RequestHead, RequestReader } from './request-reader.ts';

/** What befalls a request on its way. */
export type NetworkFault =
  /** The proxy answers in the server's place, which never hears of the request. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body: string;
    }
  /** The server acts, and the connection breaks off within its answer. */
  | { readonly kind: 'truncate'; readonly afterBytes: number }
  /** The request reaches the server or not, and no answer ever comes. */
  | { readonly kind: 'silence'; readonly reaches: boolean }
  /** The server's answer waits. */
  | { readonly kind: 'delay'; readonly delayMs: number };

/** Stands before a server and hands bytes on, until it is told otherwise. */
export interface TcpProxy extends AsyncDisposable {
  readonly uri: string;
  /** Decides over each request; null lets all pass. A connection keeps what it had begun with until its request ends. */
  fault: ((head: RequestHead) => NetworkFault | null) | null;
  /** How many requests a fault has befallen. */
  readonly befallen: number;
  /** Nothing listens any more and every connection is broken, as where a server has died. */
  down(): Promise<void>;
  /** It listens again, at the same port. */
  up(): Promise<void>;
}

/** Starts a proxy before the server at this port of the loopback. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const open = new Set<Socket>();
  let befallen = 0;
  let server: Server | null = null;
  let port = 0;
  const up = async (): Promise<void> => {
    server = createServer({ allowHalfOpen: false }, (near) => {
      carry(near, targetPort, open, (head) => {
        const fault = proxy.fault?.(head) ?? null;
        if (fault !== null) befallen += 1;
        return fault;
      });
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  };
  const down = async (): Promise<void> => {
    const closing = server;
    server = null;
    if (closing === null) return;
    const closed = once(closing, 'close');
    closing.close();
    for (const socket of open) socket.resetAndDestroy();
    await closed;
  };
  const proxy: TcpProxy = {
    get uri() {
      return `http://127.0.0.1:${port}`;
    },
    fault: null,
    get befallen() {
      return befallen;
    },
    down,
    up,
    [Symbol.asyncDispose]: down,
  };
  await up();
  return proxy;
}

/** One connection: its requests are told apart, each with the fault that befalls it. */
function carry(
  near: Socket,
  targetPort: number,
  open: Set<Socket>,
  decide: (head: RequestHead) => NetworkFault | null,
): void {
  const far = connect(targetPort, '127.0.0.1');
  let fault: NetworkFault | null = null;
  let given = 0;
  const breakOff = (): void => {
    near.destroy();
    far.destroy();
  };
  for (const socket of [near, far]) {
    open.add(socket);
    socket.on('close', () => {
      open.delete(socket);
      // Silence is no end: that the server has closed is not heard either.
      if (socket === near || fault?.kind !== 'silence') breakOff();
    });
    socket.on('error', breakOff);
  }
  const reader = new RequestReader({
    onHead(head) {
      fault = decide(head);
      given = 0;
      return fault === null || !(fault.kind === 'answer' || (fault.kind === 'silence' && !fault.reaches));
    },
    onBytes: (bytes) => void far.write(bytes),
    onEnd() {
      if (fault?.kind === 'answer') near.write(answerText(fault));
    },
  });
  near.on('data', (chunk: Buffer) => {
    try {
      reader.read(chunk);
    } catch (error) {
      near.destroy(error as Error);
    }
  });
  far.on('data', (chunk: Buffer) => {
    const befalls = fault;
    if (befalls === null) near.write(chunk);
    else if (befalls.kind === 'delay') setTimeout(() => near.writable && near.write(chunk), befalls.delayMs);
    else if (befalls.kind === 'truncate') {
      near.write(chunk.subarray(0, Math.max(0, befalls.afterBytes - given)));
      given += chunk.length;
      if (given >= befalls.afterBytes) near.end(() => breakOff());
    }
  });
}

function answerText({ status, headers = {}, body }: Extract<NetworkFault, { kind: 'answer' }>): string {
  const fields = { 'content-type': 'text/plain', ...headers, 'content-length': String(Buffer.byteLength(body)) };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Fault\r\n${lines.join('')}\r\n${body}`;
}
