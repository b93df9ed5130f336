import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FaultyProxy extends AsyncDisposable {
  readonly uri: string;
  /** Befalls the calls whose path holds the text, until it is set to null. */
  fault: Fault | null;
  /** How many calls it has befallen. */
  readonly befallen: number;
}

/** A call is answered with a status by the proxy, never reaches the server, or reaches it and is never answered. */
export type Fault =
  | { readonly path: string; readonly status: number }
  | { readonly path: string; readonly withhold: 'request' | 'answer' };

/** Stands before a real server, hands everything on, and fails the calls it is told to. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  let befallen = 0;
  const server = createServer((incoming, outgoing) => {
    const fault = proxy.fault !== null && incoming.url?.includes(proxy.fault.path) ? proxy.fault : null;
    if (fault !== null) befallen += 1;
    if (fault !== null && 'status' in fault) {
      incoming.resume();
      outgoing.writeHead(fault.status, { 'content-type': 'text/plain' }).end('not now');
      return;
    }
    const withheld = fault?.withhold;
    if (withheld === 'request') {
      incoming.resume();
      return;
    }
    const { method, headers, url } = incoming;
    const onward = request(new URL(url ?? '/', target), { method, headers }, (reply) => {
      if (withheld === 'answer') {
        reply.resume();
        return;
      }
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const proxy: FaultyProxy = {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fault: null,
    get befallen() {
      return befallen;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  return proxy;
}
