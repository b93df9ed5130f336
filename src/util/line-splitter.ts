import { StringDecoder } from 'node:string_decoder';

/** A program that never ends its line must not fill the memory. */
const defaultMaximumCharacters = 1024 * 1024;

/**
 * Turns chunks of bytes into lines, whatever the chunk borders cut: a line, a CRLF or a UTF-8 character.
 * Lines come without their end. One over the cap is cut there, and the rest of it is dropped.
 */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  readonly #onLine: (line: string) => void;
  readonly #maximumCharacters: number;
  #pending = '';

  constructor(onLine: (line: string) => void, options: { readonly maximumCharacters?: number } = {}) {
    this.#onLine = onLine;
    this.#maximumCharacters = options.maximumCharacters ?? defaultMaximumCharacters;
  }

  write(chunk: Uint8Array): void {
    this.#take(this.#decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)));
  }

  /** The stream is over: a last line without an end is delivered. */
  end(): void {
    this.#take(this.#decoder.end());
    if (this.#pending !== '') this.#deliver(this.#pending);
    this.#pending = '';
  }

  /** The beginning of a line whose end has not come, as far as it is known. */
  get pending(): string {
    return this.#pending;
  }

  /** Forgets the beginning of a line whose end has not come: what follows counts as a line of its own. */
  drop(): void {
    this.#pending = '';
  }

  #take(text: string): void {
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.#append(text.slice(start, end));
      this.#deliver(this.#pending);
      this.#pending = '';
      start = end + 1;
    }
    this.#append(text.slice(start));
  }

  /** Keeps one character over the cap, so that a carriage return at its end can still be told from text. */
  #append(text: string): void {
    this.#pending += text.slice(0, Math.max(0, this.#maximumCharacters + 1 - this.#pending.length));
  }

  #deliver(line: string): void {
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    this.#onLine(text.slice(0, this.#maximumCharacters));
  }
}
