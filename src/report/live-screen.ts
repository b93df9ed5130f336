import { textWidth, truncate } from './text-width.ts';

/** A stream that may know how wide its terminal is. */
export interface ReportStream {
  write(text: string): unknown;
  readonly columns?: number;
  readonly isTTY?: boolean;
}

const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
const clearBelow = '\u001b[0J';
const redrawIntervalMs = 100;

/** A line of the live area: text that is cut to the width, painted afterwards. */
export interface LiveLine {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

export interface LiveScreenOptions {
  /** Width where the stream does not know it. */
  readonly columns: number;
  /** Whether a terminal that gets narrower breaks the lines it shows, as most do, or cuts them off. */
  readonly reflows: boolean;
  /** Called before each redraw; returns the live lines, none where nothing is going on. */
  readonly draw: () => readonly LiveLine[];
}

/**
 * A terminal whose last lines are redrawn in place while lines that stay scroll up above them. Everything is written
 * in one go at most ten times a second, however much happens. The cursor is shown again at the end of the process
 * even where nobody closes the screen.
 */
export class LiveScreen {
  readonly #stream: ReportStream;
  readonly #options: LiveScreenOptions;
  readonly #timer: NodeJS.Timeout;
  #waiting: string[] = [];
  /** The widths of the live lines on the screen. */
  #shownWidths: readonly number[] = [];
  #shown = '';
  readonly #restore = () => this.close();

  constructor(stream: ReportStream, options: LiveScreenOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#timer = setInterval(() => this.refresh(), redrawIntervalMs);
    // The screen alone must not keep a process alive.
    this.#timer.unref();
    process.once('exit', this.#restore);
  }

  /** The width to keep to, as the terminal is now. */
  get columns(): number {
    // Some pseudo-terminals say that they have none.
    return this.#stream.columns || this.#options.columns;
  }

  /** A line that stays, above the live area. */
  print(line: string): void {
    this.#waiting.push(line);
  }

  refresh(): void {
    this.#write(this.#options.draw());
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
    const { columns } = this;
    // One column stays free: a full line would make some terminals wrap, and the redraw would miss by one.
    const texts = lines.map(({ text }) => truncate(text, columns - 1));
    const drawn = texts.map((text, index) => lines[index]?.paint?.(text) ?? text).join('\n');
    const isBroken = this.#shownWidths.some((width) => width >= columns);
    if (this.#waiting.length === 0 && drawn === this.#shown && !isBroken) return;

    const settled = this.#waiting.map((line) => `${line}\n`).join('');
    const cursor = texts.length > 0 ? hideCursor : this.#shownWidths.length > 0 ? showCursor : '';
    this.#stream.write(`${this.#eraser(columns)}${settled}${drawn}${cursor}`);
    this.#waiting = [];
    this.#shown = drawn;
    this.#shownWidths = texts.map(textWidth);
  }

  /**
   * Moves to the first column of the first live line and clears from there. Lines that were drawn on a wider terminal
   * now take several rows each.
   */
  #eraser(columns: number): string {
    if (this.#shownWidths.length === 0) return '';
    const rowsOf = (width: number) => (this.#options.reflows ? Math.max(1, Math.ceil(width / columns)) : 1);
    const rows = this.#shownWidths.reduce((sum, width) => sum + rowsOf(width), 0);
    return `\r${rows > 1 ? `\u001b[${rows - 1}A` : ''}${clearBelow}`;
  }
}
