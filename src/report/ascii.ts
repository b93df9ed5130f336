import type { ReportStream } from './live-screen.ts';

/** What stands in for each sign of ours where only ASCII can be shown; all but the last take one column, as it does. */
const replacements: Readonly<Record<string, string>> = {
  '✓': '+',
  '✗': 'x',
  '•': '*',
  '→': '>',
  '…': '~',
  '·': '-',
  '×': 'x',
  '━': '=',
  '╸': '-',
  '┄': '.',
  '├': '|',
  '└': '`',
  '│': '|',
  '─': '-',
  '∞': 'inf',
};
const spinner = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const turning = '|/-\\';

/** The text with our own signs in ASCII; what a program wrote in its own language stays. */
export function asciiOnly(text: string): string {
  return text.replace(/[^\x00-\x7f]/g, (sign) => {
    const frame = spinner.indexOf(sign);
    return frame >= 0 ? (turning[frame % turning.length] as string) : (replacements[sign] ?? sign);
  });
}

/** Whether a locale is one whose texts are UTF-8. Where none is set, today's terminals are taken to be. */
export function isUnicodeLocale(environment: Readonly<Record<string, string | undefined>>): boolean {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || '';
  return locale === '' || /utf-?8/i.test(locale);
}

/** A stream on which everything is rewritten before it is written. */
export function rewriting(stream: ReportStream, rewrite: (text: string) => string): ReportStream {
  return {
    write: (text) => stream.write(rewrite(text)),
    get columns() {
      return stream.columns;
    },
    get isTTY() {
      return stream.isTTY;
    },
  };
}
