/**
 * A terminal that can be resized: enough of ECMA-48 for what the reporter and a question write. Characters take one
 * column each. `reflows` says what happens to a line that has become too wide: it is broken into rows, as by most
 * terminals of today, or cut off, as by xterm and screen.
 */
export class Screen {
  readonly #reflows: boolean;
  #columns: number;
  /** Logical lines: rows that a narrow screen makes of one are not parted. */
  readonly #lines: string[] = [''];
  #line = 0;
  #offset = 0;
  /** The cursor stands behind the character written last: where that fills its row, it has not gone to the next one. */
  #isAtEnd = false;
  cursorVisible = true;

  constructor(columns: number, { reflows = true }: { readonly reflows?: boolean } = {}) {
    this.#columns = columns;
    this.#reflows = reflows;
  }

  /** The lines as a person would read them, without the empty ones at the end. */
  get lines(): string[] {
    return this.#lines.slice(0, this.#lines.findLastIndex((line) => line !== '') + 1);
  }

  resize(columns: number): void {
    this.#columns = columns;
    if (this.#reflows) return;
    for (const [index, line] of this.#lines.entries()) this.#lines[index] = line.slice(0, columns);
    this.#offset = Math.min(this.#offset, columns);
  }

  /** Takes what a program writes. Throws for a sequence it does not know. */
  write(text: string): void {
    const tokens = /\u001b\]8;[^\u001b\u0007]*(?:\u001b\\|\u0007)|\u001b\[[?\d;]*[A-Za-z]|[\s\S]/gu;
    for (const [token] of text.matchAll(tokens)) this.#take(token);
  }

  #take(token: string): void {
    this.#move(token);
    if (token === '\r' || token === '\n' || /^\u001b.*[AG]$/.test(token)) this.#isAtEnd = false;
    else if (!token.startsWith('\u001b')) this.#isAtEnd = true;
  }

  #move(token: string): void {
    if (token === '\n') this.#newLine();
    else if (token === '\r') this.#offset = this.#row * this.#columns;
    else if (/^\u001b\[\d+A$/.test(token)) this.#moveUp(Number(token.slice(2, -1)));
    else if (/^\u001b\[\d+G$/.test(token)) this.#offset = this.#row * this.#columns + Number(token.slice(2, -1)) - 1;
    else if (token === '\u001b[0J') {
      this.#lines.length = this.#line + 1;
      this.#lines[this.#line] = this.#lines[this.#line]!.slice(0, this.#offset);
    } else if (token === '\u001b[?25l' || token === '\u001b[?25h') this.cursorVisible = token.endsWith('h');
    else if (token.startsWith('\u001b')) {
      if (!token.endsWith('m') && !token.startsWith('\u001b]8;')) {
        throw new Error(`unknown sequence ${JSON.stringify(token)}`);
      }
    } else this.#put(token);
  }

  #put(character: string): void {
    const line = this.#lines[this.#line]!;
    // Without reflow a row that is full stays as it is: the reporter must never let that happen.
    this.#lines[this.#line] =
      line.slice(0, this.#offset).padEnd(this.#offset) + character + line.slice(this.#offset + 1);
    this.#offset += 1;
  }

  #newLine(): void {
    this.#line += 1;
    this.#offset = 0;
    this.#lines[this.#line] ??= '';
  }

  /** The row of the cursor within its line. */
  get #row(): number {
    if (!this.#reflows) return 0;
    const isWaiting = this.#isAtEnd && this.#offset > 0 && this.#offset % this.#columns === 0;
    return Math.floor(this.#offset / this.#columns) - (isWaiting ? 1 : 0);
  }

  #moveUp(rows: number): void {
    for (let left = rows; left > 0; left -= 1) {
      if (this.#row > 0) this.#offset -= this.#columns;
      else if (this.#line > 0) {
        this.#line -= 1;
        const length = this.#lines[this.#line]!.length;
        const lastRow = this.#reflows ? Math.max(0, Math.ceil(length / this.#columns) - 1) : 0;
        this.#offset = lastRow * this.#columns;
      }
    }
  }
}
