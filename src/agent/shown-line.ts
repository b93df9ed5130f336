import { stripVTControlCharacters } from 'node:util';

/** Of a line of output that redraws itself, what it showed last; without escape sequences. */
export function shownLine(line: string): string {
  const last = line.split('\r').findLast((part) => part.trim() !== '') ?? '';
  return stripVTControlCharacters(last).replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '');
}
