import { describe, expect, it } from 'vitest';
import {
  cutMiddle,
  escapeMarkup,
  numberedNames,
  printable,
  withoutCommonWords,
  wrapWords,
} from '../../../../trainer/evaluation/text.ts';
import { textWidth } from '../../../../trainer/evaluation/text-width.ts';
import { evilNames } from '../../../support/made-predictions.ts';

describe('texts in pictures', () => {
  it('keep head and tail where they are cut, fit their width, and no character is cut apart', () => {
    const long = `head${'x'.repeat(200)}tail`;
    const cut = cutMiddle(long, 120, 12);
    expect(cut).toMatch(/^headx+…x+tail$/);
    expect(textWidth(cut, 12)).toBeLessThanOrEqual(120);
    expect(textWidth(cut, 12)).toBeGreaterThan(100);
    expect(cutMiddle('short', 120, 12)).toBe('short');
    const family = '👩‍👩‍👧‍👦';
    for (let width = 20; width < 200; width += 7) {
      const parts = cutMiddle(family.repeat(20), width, 12).replaceAll(family, '');
      expect(parts).toBe('…');
    }
    expect(cutMiddle('anything', 1, 12)).toBe('…');
  });

  it('lose control characters and halves of characters, and keep everything else', () => {
    expect(printable('a\u0000b\u001bc\ud800d\uffff')).toBe('a\ufffdb\ufffdc\ufffdd\ufffd');
    expect(printable('tab\tline\n😀 漢 שלום')).toBe('tab\tline\n😀 漢 שלום');
    expect(cutMiddle('two\n lines', 200, 12)).toBe('two lines');
  });

  it('set text of the other direction apart', () => {
    expect(cutMiddle('שלום', 100, 12)).toBe('\u2068שלום\u2069');
    expect(cutMiddle('plain', 100, 12)).toBe('plain');
  });

  it('stay different names when they are cut, by the label before those that would look the same', () => {
    const names = numberedNames(evilNames);
    expect(names.filter((name, label) => name !== evilNames[label])).toEqual([
      expect.stringMatching(/^2: x+ middle y+$/),
      expect.stringMatching(/^3: x+ muddle y+$/),
    ]);
    for (const width of [80, 110, 300]) {
      expect(new Set(names.map((name) => cutMiddle(name, width, 10))).size).toBe(evilNames.length);
    }
    expect(numberedNames(['', 'b'])).toEqual(['0: ', 'b']);
    expect(numberedNames(['same', 'other', 'same'])).toEqual(['0: same', 'other', '2: same']);
    expect(numberedNames(['a cell', 'a cell'], ['cell', 'cell'])).toEqual(['0: cell', '1: cell']);
    expect(numberedNames(['synthetic uninfected', 'synthetic parasitized'])).toEqual([
      'synthetic uninfected',
      'synthetic parasitized',
    ]);
  });

  it('leave room for the ellipsis, which is as wide as the font size', () => {
    const cut = cutMiddle('x'.repeat(200), 110, 10);
    expect(textWidth(cut.replace('…', ''), 10) + 10).toBeLessThanOrEqual(110);
  });

  it('are wrapped by words, a word that is too wide cut, and no more lines than asked for', () => {
    expect(wrapWords('synthetic parasitized', 70, 11, 3)).toEqual(['synthetic', 'parasitized']);
    const lines = wrapWords(`one two three ${'z'.repeat(60)} five six seven eight`, 60, 11, 3);
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(textWidth(line, 11)).toBeLessThanOrEqual(60);
  });

  it('lose the words that all names begin with, and no name its last word', () => {
    expect(withoutCommonWords(['synthetic uninfected', 'synthetic parasitized'])).toEqual([
      'uninfected',
      'parasitized',
    ]);
    expect(withoutCommonWords(['red', 'red cell'])).toEqual(['red', 'red cell']);
    expect(withoutCommonWords(['a b c', 'a b d', 'a x c'])).toEqual(['b c', 'b d', 'x c']);
    expect(withoutCommonWords(['one name'])).toEqual(['one name']);
  });

  it('are escaped for content and attributes', () => {
    expect(escapeMarkup(`<a href="x" title='y'>&`)).toBe('&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;');
  });

  it('are wider with their letters and size', () => {
    expect(textWidth('WWW', 10)).toBeGreaterThan(textWidth('iii', 10) * 3);
    expect(textWidth('training', 20)).toBeCloseTo(2 * textWidth('training', 10));
  });
});
