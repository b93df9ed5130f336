import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FaultyProxy extends AsyncDisposable {
  readonly uri: string;
  /** Answers calls whose path holds the text with this status, until it is set to null. */
  fault: { readonly path: string; readonly status: number } | null;
}

/** Stands before a real server, hands everything on, and fails the calls it is told to. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const server = createServer((incoming, outgoing) => {
    const { fault } = proxy;
    if (fault !== null && incoming.url?.includes(fault.path)) {
      incoming.resume();
      outgoing.writeHead(fault.status, { 'content-type': 'text/plain' }).end('not now');
      return;
    }
    const { method, headers, url } = incoming;
    const onward = request(new URL(url ?? '/', target), { method, headers }, (reply) => {
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
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  return proxy;
}
