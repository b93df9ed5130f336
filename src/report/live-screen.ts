import { truncate } from './text-width.ts';

/** A stream that may know how wide its terminal is. */
export interface ReportStream {
  write(text: string): unknown;
  readonly columns?: number;
  readonly isTTY?: boolean;
}

const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
const clearBelow = '\u001b[0J';
const REDRAW_INTERVAL_MS = 100;

/** A line of the live area: text that is cut to the width, painted afterwards. */
export interface LiveLine {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

/**
 * A terminal whose last lines are redrawn in place while lines that stay scroll up above them. Everything is written
 * in one go at most ten times a second, however much happens. The cursor is shown again at the end of the process
 * even where nobody closes the screen.
 */
export class LiveScreen {
  readonly #stream: ReportStream;
  readonly #columns: number;
  readonly #draw: () => readonly LiveLine[];
  readonly #timer: NodeJS.Timeout;
  #waiting: string[] = [];
  #shownLines = 0;
  #shown = '';
  readonly #restore = () => this.close();

  /** @param draw Called before each redraw; returns the live lines, none where nothing is going on. */
  constructor(stream: ReportStream, columns: number, draw: () => readonly LiveLine[]) {
    this.#stream = stream;
    this.#columns = columns;
    this.#draw = draw;
    this.#timer = setInterval(() => this.refresh(), REDRAW_INTERVAL_MS);
    // The screen alone must not keep a process alive.
    this.#timer.unref();
    process.once('exit', this.#restore);
  }

  /** The width to keep to, as the terminal is now. */
  get columns(): number {
    return this.#stream.columns ?? this.#columns;
  }

  /** A line that stays, above the live area. */
  print(line: string): void {
    this.#waiting.push(line);
  }

  refresh(): void {
    this.#write(this.#draw());
  }

  /** Removes the live area, so that something else can be written; the next refresh brings it back. */
  clear(): void {
    this.#write([]);
  }

  close(): void {
    clearInterval(this.#timer);
    process.off('exit', this.#restore);
    this.#write([]);
  }

  #write(lines: readonly LiveLine[]): void {
    // One column stays free: a full line would make some terminals wrap, and the redraw would miss by one.
    const live = lines.map(({ text, paint }) => {
      const cut = truncate(text, this.columns - 1);
      return paint === undefined ? cut : paint(cut);
    });
    const drawn = live.join('\n');
    if (this.#waiting.length === 0 && drawn === this.#shown) return;

    const settled = this.#waiting.map((line) => `${line}\n`).join('');
    const cursor = live.length > 0 ? hideCursor : this.#shownLines > 0 ? showCursor : '';
    this.#stream.write(`${this.#eraser()}${settled}${drawn}${cursor}`);
    this.#waiting = [];
    this.#shown = drawn;
    this.#shownLines = live.length;
  }

  /** Moves to the first column of the first live line and clears from there. */
  #eraser(): string {
    if (this.#shownLines === 0) return '';
    const up = this.#shownLines > 1 ? `\u001b[${this.#shownLines - 1}A` : '';
    return `\r${up}${clearBelow}`;
  }
}
