import { escapeMarkup as escapeSigns } from '../../src/util/escape-markup.ts';
import { textWidth } from './text-width.ts';

/** Control characters but for tabs and line ends, which neither SVG nor HTML may hold, and halves of surrogate pairs. */
const unprintable =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The text with a replacement character for each character that cannot be shown. */
export function printable(text: string): string {
  return text.replace(unprintable, '\ufffd');
}

/** The text as HTML or XML takes it, in content and in quoted attributes. */
export function escapeMarkup(text: string): string {
  return escapeSigns(printable(text));
}

/** Kept apart from the direction of the text around it (Unicode: FIRST STRONG ISOLATE to POP DIRECTIONAL ISOLATE). */
export function isolated(text: string): string {
  return /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/.test(text) ? `\u2068${text}\u2069` : text;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The text with an ellipsis in its middle where it is wider than `width` pixels; no character is cut apart. */
export function cutMiddle(text: string, width: number, fontSize: number): string {
  const whole = printable(text).replace(/\s+/g, ' ');
  if (textWidth(whole, fontSize) <= width) return isolated(whole);
  const parts = [...segmenter.segment(whole)].map(({ segment }) => segment);
  const head: string[] = [];
  const tail: string[] = [];
  // An ellipsis is as wide as the font size, in Arial as in DejaVu Sans.
  let left = width - fontSize;
  let [start, end] = [0, parts.length];
  while (start < end) {
    const isHead = head.length <= tail.length;
    const part = (isHead ? parts[start] : parts[end - 1]) as string;
    left -= textWidth(part, fontSize);
    if (left < 0) break;
    if (isHead) {
      head.push(part);
      start += 1;
    } else {
      tail.unshift(part);
      end -= 1;
    }
  }
  return isolated(`${head.join('')}…${tail.join('')}`);
}

/** The narrowest line that holds a class name in a picture, in shares of the font size: below a tile, after `said`. */
const narrowestName = 8;

/**
 * The names of all classes, in the order of their labels, for pictures. Where two would look the same cut, or one says
 * nothing, its label stands before it: `2: name`. It does so wherever the class is named, however much room there is, so
 * that a class is called the same in every picture. `shown` is what stands for the names where it is not they.
 */
export function numberedNames(classNames: readonly string[], shown: readonly string[] = classNames): string[] {
  const cut = classNames.map((name) => cutMiddle(name, narrowestName, 1));
  return shown.map((name, label) =>
    cut[label]?.trim() !== '' && cut.indexOf(cut[label] as string) === cut.lastIndexOf(cut[label] as string)
      ? name
      : `${label}: ${name}`,
  );
}

/** The names without the words that all of them begin with; each keeps at least one. */
export function withoutCommonWords(names: readonly string[]): string[] {
  const words = names.map((name) => name.split(' '));
  const shortest = Math.min(...words.map(({ length }) => length));
  let common = 0;
  while (common < shortest - 1 && words.every((each) => each[common] === words[0]?.[common])) common += 1;
  return names.length < 2 ? [...names] : words.map((each) => each.slice(common).join(' '));
}

/** The text's words in lines of at most `width` pixels, wider words cut; what is beyond `linesAtMost` is cut from the last. */
export function wrapWords(text: string, width: number, fontSize: number, linesAtMost: number): string[] {
  const lines: string[] = [];
  for (const word of printable(text).split(/\s+/)) {
    const last = lines.at(-1);
    const joined = `${last} ${word}`;
    const isFull = lines.length === linesAtMost;
    if (last !== undefined && (isFull || textWidth(joined, fontSize) <= width)) lines[lines.length - 1] = joined;
    else lines.push(word);
  }
  return lines.map((line) => cutMiddle(line, width, fontSize));
}
