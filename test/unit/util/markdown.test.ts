import { describe, expect, it, test } from 'vitest';
import { escapeMarkdown, markdownBlock, markdownCode, markdownLink } from '../../../src/util/markdown.ts';

describe('a text within a line of Markdown', () => {
  it.each([
    ['swift-heron-417', 'swift-heron-417'],
    ['test_auc, per 1.5 (all)', 'test_auc, per 1.5 (all)'],
    ['_a_ __b__', '\\_a\\_ \\_\\_b\\_\\_'],
    ['<b>R&D &lt;', '&lt;b&gt;R&D &amp;lt;'],
    ['*x* `y` ~~z~~ a|b # c', '\\*x\\* \\`y\\` \\~\\~z\\~\\~ a\\|b \\# c'],
    ['![p](http://a) [l]: x', '!\\[p\\](http&#58;//a) \\[l\\]: x'],
    ['www.a.example @team me@a.example :bug:', 'www\\.a.example &#64;team me&#64;a.example &#58;bug:'],
    ['back\\slash', 'back\\\\slash'],
    ['two\n\n# lines', 'two \\# lines'],
  ])('%j is written %j', (text, written) => {
    expect(escapeMarkdown(text)).toBe(written);
  });
});

test.each([
  ['a', '`a`'],
  ['a`b', '``a`b``'],
  ['`', '`` ` ``'],
  ['a\nb', '`a b`'],
])('%j as code is %j', (text, written) => {
  expect(markdownCode(text)).toBe(written);
});

test('a block stands between more backticks than there are in it', () => {
  expect(markdownBlock('sh', ['echo', '````'])).toEqual(['`````sh', 'echo', '````', '`````']);
});

test('neither the text nor the address of a link ends it', () => {
  expect(markdownLink('a](b', 'http://x/(y) z')).toBe('[a\\](b](http://x/%28y%29%20z)');
});
