import { appendFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FileTail } from '../../../src/launch/file-tail.ts';
import { temporaryDirectory } from '../../support/index.ts';

test('lines come whole, once, and in order, whatever was written at a time', async () => {
  await using folder = await temporaryDirectory();
  const file = folder.join('log');
  const tail = new FileTail(file);
  expect(tail.read()).toEqual([]);
  appendFileSync(file, 'one\ntw');
  expect(tail.read()).toEqual(['one']);
  expect(tail.read()).toEqual([]);
  appendFileSync(file, 'o\nthree\n');
  expect(tail.read()).toEqual(['two', 'three']);
});

test('a character cut by the end of what is written is put together again', async () => {
  await using folder = await temporaryDirectory();
  const file = folder.join('log');
  const tail = new FileTail(file);
  const bytes = Buffer.from('Grüße\n');
  for (const byte of bytes.subarray(0, -1)) {
    appendFileSync(file, Buffer.from([byte]));
    expect(tail.read()).toEqual([]);
  }
  appendFileSync(file, '\n');
  expect(tail.read()).toEqual(['Grüße']);
});

test('more than one chunk is read at once', async () => {
  await using folder = await temporaryDirectory();
  const file = folder.join('log');
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index}`);
  appendFileSync(file, `${lines.join('\n')}\n`);
  expect(new FileTail(file).read()).toEqual(lines);
});
