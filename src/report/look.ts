import { createSupportsHyperlinks } from 'supports-hyperlinks';
import { isUnicodeLocale } from './ascii.ts';
import type { ReportStream } from './live-screen.ts';
import { createPaint, type Paint } from './paint.ts';
import { printable } from './text-width.ts';

/** How an answer looks where it goes: every verb writes its lines through one of these. */
export interface Look {
  /** Width to keep to; infinity where the answer goes to a file or a pipe, in which nothing is cut. */
  readonly columns: number;
  readonly paint: Paint;
  /** True for a terminal: for what is of use only to a person who looks, such as a hint at the next command. */
  readonly isTerminal: boolean;
  /** False where the locale has no more than ASCII or a code page: nothing is drawn with blocks there. */
  readonly isUnicode: boolean;
  /** True where `link` makes hyperlinks: an address need not be written out. */
  readonly hasLinks: boolean;
  /** A text that leads to an address: a hyperlink where the terminal knows them; elsewhere the text alone. */
  readonly link: (text: string, url: string) => string;
  /** An address as a person may follow or copy it: itself, and a hyperlink where the terminal knows them. */
  readonly address: (url: string) => string;
}

export interface LookOptions {
  /** The stream the answer goes to. */
  readonly stream: ReportStream;
  /** `--color` and `--no-color`; undefined where neither was given. */
  readonly color?: boolean | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether this terminal shows hyperlinks; found out where it is not given. */
  readonly hyperlinks?: boolean;
}

/**
 * The look that fits a stream: colour on a terminal unless NO_COLOR (https://no-color.org) is set or TERM is dumb,
 * `--color` and `--no-color` before all; hyperlinks where the terminal is known to show them.
 */
export function createLook({ stream, color, environment, hyperlinks }: LookOptions): Look {
  const isTerminal = stream.isTTY === true;
  const isSimple = environment.TERM === 'dumb';
  const isColored = color ?? (isTerminal && !isSimple && !environment.NO_COLOR);
  const isLinking = isTerminal && !isSimple && color !== false;
  const hasLinks = isLinking && (hyperlinks ?? createSupportsHyperlinks(stream as never) === true);
  const link = hasLinks ? hyperlink : (text: string) => text;
  return {
    get columns() {
      return isTerminal ? stream.columns || usualColumns : Number.POSITIVE_INFINITY;
    },
    paint: createPaint(isColored),
    isTerminal,
    isUnicode: isUnicodeLocale(environment),
    hasLinks,
    link,
    address: (url) => link(url, url),
  };
}

/** Where a terminal does not tell its width, or says that it is 0. */
const usualColumns = 80;

/** OSC 8, https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda */
function hyperlink(text: string, url: string): string {
  // An address with control characters could end the sequence and begin another.
  return `\u001b]8;;${printable(url)}\u001b\\${text}\u001b]8;;\u001b\\`;
}
