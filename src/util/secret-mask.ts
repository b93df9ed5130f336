import { secretForms } from './mask-secrets.ts';

const replacement = Buffer.from('***');

/** What may be held back at most: secrets that overlap without an end are masked in pieces. */
const longestHeldBytes = 256 * 1024;

/**
 * Masks secrets in a stream of bytes as `maskSecrets` does in a text, wherever the stream is cut: what may be the
 * beginning of a secret is held back until more has come. What comes out depends on the bytes alone, not on their pieces.
 */
export class SecretMask {
  readonly #pattern: RegExp | null;
  readonly #forms: readonly string[];
  /** The first two bytes of every form, as bits. */
  readonly #beginnings = new Uint8Array(65_536);
  readonly #firstBytes = new Uint8Array(256);
  readonly #longest: number;
  #held: Buffer = Buffer.alloc(0);

  constructor(secrets: readonly string[]) {
    // A character a byte, so that bytes which are no text are left as they are. Of two forms the longer one is tried first.
    this.#forms = secretForms(secrets)
      .map((form) => Buffer.from(form).toString('latin1'))
      .filter((form) => form.length > 1)
      .sort((one, other) => other.length - one.length);
    this.#longest = this.#forms[0]?.length ?? 0;
    this.#pattern = this.#forms.length === 0 ? null : new RegExp(this.#forms.map(escaped).join('|'), 'g');
    for (const form of this.#forms) {
      this.#firstBytes[form.charCodeAt(0)] = 1;
      this.#beginnings[form.charCodeAt(0) * 256 + form.charCodeAt(1)] = 1;
    }
  }

  /** Bytes that were pushed and have not come out yet. */
  get heldBytes(): number {
    return this.#held.length;
  }

  /** What can be told of the stream with this piece: itself where there is nothing to mask. */
  push(piece: Buffer): Buffer {
    if (this.#pattern === null) return piece;
    const bytes = this.#held.length === 0 ? piece : Buffer.concat([this.#held, piece]);
    const { out, end } = this.#mask(bytes, this.#pattern, bytes.length > longestHeldBytes + piece.length);
    // A copy, because the piece may be a part of something large.
    this.#held = end === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(end));
    return out;
  }

  /** What was held back, when nothing follows. */
  end(): Buffer {
    const { out } = this.#mask(this.#held, this.#pattern, true);
    this.#held = Buffer.alloc(0);
    return out;
  }

  #mask(bytes: Buffer, pattern: RegExp | null, isLast: boolean): { readonly out: Buffer; readonly end: number } {
    if (pattern === null) return { out: bytes, end: bytes.length };
    const text = bytes.toString('latin1');
    let heldFrom = isLast ? text.length : this.#unfinished(text);
    const pieces: Buffer[] = [];
    let told = 0;
    pattern.lastIndex = 0;
    for (let match = pattern.exec(text); match !== null; ) {
      const from = match.index;
      if (from >= heldFrom) break;
      let to = from;
      // What overlaps goes as one: the rest of a secret is still a part of it.
      for (; match !== null && (to === from || match.index < to); match = pattern.exec(text)) {
        to = Math.max(to, match.index + match[0].length);
        pattern.lastIndex = match.index + 1;
      }
      if (to > heldFrom) {
        heldFrom = from;
        break;
      }
      pieces.push(bytes.subarray(told, from), replacement);
      told = to;
    }
    if (pieces.length === 0) return { out: bytes.subarray(0, heldFrom), end: heldFrom };
    pieces.push(bytes.subarray(told, heldFrom));
    return { out: Buffer.concat(pieces), end: heldFrom };
  }

  /** From where on the text may be the beginning of a secret that is not whole yet; its length where nowhere. */
  #unfinished(text: string): number {
    const { length } = text;
    for (let at = Math.max(0, length - this.#longest + 1); at < length; at += 1) {
      const first = text.charCodeAt(at);
      if (at + 1 === length) return this.#firstBytes[first] === 1 ? at : length;
      if (this.#beginnings[first * 256 + text.charCodeAt(at + 1)] === 0) continue;
      const rest = text.slice(at);
      if (this.#forms.some((form) => form.length > rest.length && form.startsWith(rest))) return at;
    }
    return length;
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
