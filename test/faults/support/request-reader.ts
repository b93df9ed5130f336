/** The head of a request over HTTP/1.1, as much of it as a fault asks for. */
export interface RequestHead {
  readonly method: string;
  readonly path: string;
}

/** What the reader tells of the bytes of a connection. */
export interface RequestListener {
  /** A request begins; answers whether its bytes go on to the server. */
  onHead(head: RequestHead): boolean;
  onBytes(bytes: Buffer): void;
  /** The last byte of a request has come. */
  onEnd(head: RequestHead): void;
}

const headEnd = '\r\n\r\n';

/**
 * Finds where each request of a connection begins and ends (RFC 9112: a head, an empty line, `Content-Length` bytes), so
 * that a proxy of bytes can answer one in the server's place. Requests in chunks are not read: whoever sends one is told.
 */
export class RequestReader {
  readonly #listener: RequestListener;
  #head: RequestHead | null = null;
  #kept: Buffer = Buffer.alloc(0);
  #left = 0;
  #passes = false;

  constructor(listener: RequestListener) {
    this.#listener = listener;
  }

  read(chunk: Buffer): void {
    let bytes: Buffer = chunk;
    while (bytes.length > 0 || (this.#head !== null && this.#left === 0)) {
      if (this.#head === null) {
        bytes = Buffer.concat([this.#kept, bytes]);
        const end = bytes.indexOf(headEnd);
        if (end < 0) {
          this.#kept = bytes;
          return;
        }
        const size = end + headEnd.length;
        this.#begin(bytes.subarray(0, size));
        bytes = bytes.subarray(size);
      } else {
        const body = bytes.subarray(0, this.#left);
        bytes = bytes.subarray(body.length);
        this.#left -= body.length;
        if (this.#passes && body.length > 0) this.#listener.onBytes(body);
        if (this.#left > 0) continue;
        const head = this.#head;
        this.#head = null;
        this.#listener.onEnd(head);
      }
    }
  }

  #begin(bytes: Buffer): void {
    this.#kept = Buffer.alloc(0);
    const [first = '', ...lines] = bytes.toString('latin1').split('\r\n');
    const [method = '', path = ''] = first.split(' ');
    const fields = new Map(lines.map((line) => [line.split(':', 1)[0]?.toLowerCase(), line.replace(/^[^:]*:\s*/, '')]));
    if (fields.has('transfer-encoding'))
      throw new Error(`${method} ${path} comes in chunks, which this proxy cannot read`);
    this.#left = Number(fields.get('content-length') ?? 0);
    this.#head = { method, path };
    this.#passes = this.#listener.onHead(this.#head);
    if (this.#passes) this.#listener.onBytes(bytes);
  }
}
