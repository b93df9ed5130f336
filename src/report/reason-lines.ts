import { wrap } from './text-width.ts';

/** Words are wrapped on a terminal; lines that show something, such as the output of a command, keep their form. */
export function reasonLines(reason: string, columns: number): string[] {
  return reason.split('\n').flatMap((line) => (/^\s/.test(line) ? [line] : wrap(line, columns)));
}
