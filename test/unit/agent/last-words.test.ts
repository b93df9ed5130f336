import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { lastWords } from '../../../src/agent/last-words.ts';
import { temporaryDirectory } from '../../support/index.ts';

it.each([
  ['of a shell', 'starting\nmain.sh: line 3: foo: command not found\n', 'main.sh: line 3: foo: command not found'],
  [
    'of Python',
    'Traceback (most recent call last):\n  File "a.py", line 1\nValueError: no data\n',
    'ValueError: no data',
  ],
  [
    'of Node.js',
    "a.js:1\nthrow x;\n^\n\nError: no data\n    at a.js:1:7 {\n  code: 'E'\n}\n\nNode.js v24.0.0\n",
    'Error: no data',
  ],
  ['behind a progress bar, in colour', '10%\r20%\r\u001b[31mno data\u001b[0m \n\n', 'no data'],
  [
    'before the chatter of a library',
    'no data\nWARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n',
    'no data',
  ],
  ['without an end', 'first\nno data', 'no data'],
  ['of a long output', `${'x'.repeat(100_000)}\nno data\n`, 'no data'],
])('the last words %s are a reason', async (_what, text, words) => {
  await using folder = await temporaryDirectory();
  writeFileSync(folder.join('stderr.log'), text);
  expect(lastWords(folder.path)).toBe(words);
  const dated = text.replace(/(^|\n)(?!$)/g, '$12026-11-26T08:01:02.345Z ');
  writeFileSync(folder.join('stderr.log'), dated.slice(0, 1000));
  writeFileSync(folder.join('stderr.1.log'), dated.slice(1000));
  expect(lastWords(folder.path)).toBe(words);
});

it('a program that wrote nothing, or put something else in the place of its output, gives none', async () => {
  await using folder = await temporaryDirectory();
  expect(lastWords(folder.path)).toBeNull();
  writeFileSync(folder.join('stderr.log'), '\n  \n');
  expect(lastWords(folder.path)).toBeNull();
  mkdirSync(folder.join('stderr.1.log'));
  expect(lastWords(folder.path)).toBeNull();
});

it('are not those of an earlier attempt', async () => {
  await using folder = await temporaryDirectory();
  writeFileSync(folder.join('stderr.log'), 'no data\n');
  writeFileSync(folder.join('stderr.1.log'), 'attempt 2\n');
  expect(lastWords(folder.path, { part: 1, size: 10 })).toBeNull();
  writeFileSync(folder.join('stderr.1.log'), 'attempt 2\nno space\n');
  expect(lastWords(folder.path, { part: 1, size: 10 })).toBe('no space');
});
