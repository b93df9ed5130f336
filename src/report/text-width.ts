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

/**
 * The text in lines of at most so many columns, broken between words. A longer word stays whole, and so does what stands
 * in backticks: a command that is to be copied.
 * @param firstColumns Room on the first line, where that differs.
 */
export function wrap(text: string, columns: number, firstColumns = columns): string[] {
  // What needs no break keeps its spaces, too.
  if (textWidth(text) <= firstColumns) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.match(/(?:`[^`]*`|\S)+/g) ?? []) {
    const room = lines.length === 0 ? firstColumns : columns;
    if (line !== '' && textWidth(line) + 1 + textWidth(word) > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/**
 * The parts of a line with commas between them, in lines of at most so many columns: broken between parts, and within one
 * only where it is longer than a line.
 */
export function wrapParts(parts: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const [index, part] of parts.entries()) {
    const text = index === parts.length - 1 ? part : `${part},`;
    const line = lines.at(-1);
    if (line !== undefined && textWidth(line) + 1 + textWidth(text) <= columns) lines.push(`${lines.pop()} ${text}`);
    else lines.push(...wrapWhereItHelps(text, columns));
  }
  return lines;
}

/** A text with a word that no line has room for gains nothing by being broken before it. */
function wrapWhereItHelps(text: string, columns: number): string[] {
  const lines = wrap(text, columns);
  return lines.some((line) => textWidth(line) > columns) ? [text] : lines;
}

/**
 * A text after a mark, such as `✗ `; what does not fit on the line, and further paragraphs, stand below, two columns in.
 * A paragraph that begins with a space shows something, such as the output of a command, and keeps its form.
 */
export function markedLines(mark: string, text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    const shown = printable(paragraph);
    const firstRoom = columns - (lines.length === 0 ? textWidth(mark) : 2);
    lines.push(...(/^\s/.test(shown) ? [shown] : wrap(shown, columns - 2, firstRoom)));
  }
  return lines.map((line, index) => `${index === 0 ? mark : '  '}${line}`);
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
