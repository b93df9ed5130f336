import { expect, test } from 'vitest';
import { splitWords } from '../../../src/util/split-words.ts';

test.each([
  ['', []],
  ['  a  b ', ['a', 'b']],
  [`a='b c'`, ['a=b c']],
  [`"it's" x`, ["it's", 'x']],
  ['a\\ b', ['a b']],
  [`'a\\b'`, ['a\\b']],
  [`''`, ['']],
  ['$(touch /tmp/x) `id`', ['$(touch', '/tmp/x)', '`id`']],
])('%j is split into %j', (text, words) => {
  expect(splitWords(text)).toEqual(words);
});

test('an open quote is an error', () => {
  expect(() => splitWords('"a')).toThrow(RangeError);
});
