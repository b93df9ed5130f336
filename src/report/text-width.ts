import { stripVTControlCharacters } from 'node:util';

const segmenter = new Intl.Segmenter();
// East Asian wide and fullwidth blocks (https://www.unicode.org/reports/tr11/), and what terminals draw as pictures.
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}/u;

/** Columns a text takes in a terminal; colours take none. */
export function textWidth(text: string): number {
  const plain = stripVTControlCharacters(text);
  if (/^[\x20-\x7e]*$/.test(plain)) return plain.length;
  let columns = 0;
  for (const { segment } of segmenter.segment(plain)) columns += segmentWidth(segment);
  return columns;
}

/** The text cut to so many columns, with an ellipsis where something is missing. Not for coloured text. */
export function truncate(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const { segment } of segmenter.segment(text)) {
    width += segmentWidth(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return columns < 1 ? '' : `${kept}…`;
}

/** The text in lines of at most so many columns, broken between words; a longer word stays whole. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && textWidth(line) + 1 + textWidth(word) > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/**
 * A line that someone else wrote, made safe to show: no escape sequences, no other control characters, and of a
 * progress bar that redraws itself with carriage returns only what it showed last.
 */
export function printable(line: string): string {
  const shown = line.split('\r').findLast((part) => part.trim() !== '') ?? '';
  return stripVTControlCharacters(shown)
    .replaceAll('\t', '    ')
    .replace(/[\x00-\x1f\x7f-\x9f]/g, '');
}

function segmentWidth(segment: string): number {
  if (/^[\p{Mark}\p{Control}\u200b-\u200f]/u.test(segment)) return 0;
  return wide.test(segment) ? 2 : 1;
}
