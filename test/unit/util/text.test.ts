import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { asSentence } from '../../../src/util/as-sentence.ts';
import { closest, didYouMean, LineSplitter, quoteForShell, sha256 } from '../../../src/util/index.ts';

describe('quoteForShell', () => {
  it.each(['', 'plain-1.0/x', 'a b', "it's", '"', '$HOME', '`id`', '\\', '*', '\n', 'ä', '-n', ')iY{wq!h', '~', "''"])(
    'makes one word of %j',
    (value) => {
      const output = execFileSync('sh', ['-c', `printf '<%s>' ${quoteForShell(value)}`], { encoding: 'utf8' });
      expect(output).toBe(`<${value}>`);
    },
  );

  it('leaves a harmless word as it is', () => {
    expect(quoteForShell('/storage/cells-1.0_a=b,c:d@e+f%')).toBe('/storage/cells-1.0_a=b,c:d@e+f%');
  });
});

it.each([
  ['boom', 'boom.'],
  ['It is away. \n', 'It is away.'],
  ['did you mean echo?', 'did you mean echo?'],
])('the text %j is the sentence %j', (text, sentence) => {
  expect(asSentence(text)).toBe(sentence);
});

describe('closest', () => {
  const candidates = ['epochs', 'batch_size', 'learning_rate', 'lr'];

  it.each([
    ['epoch', 'epochs'],
    ['EPOCHS', 'epochs'],
    ['batch-size', 'batch_size'],
    ['learningrate', 'learning_rate'],
    ['l', 'lr'],
    ['rl', 'lr'],
  ])('takes %s for %s', (name, candidate) => {
    expect(closest(name, candidates)).toBe(candidate);
    expect(didYouMean(name, candidates)).toBe(`; did you mean ${candidate}?`);
  });

  it('takes the beginning of a name for the first that begins so, however much is missing', () => {
    expect(closest('experiment', ['entry-point', 'experiment-name', 'experiment-id'])).toBe('experiment-name');
    expect(closest('e', ['entry-point', 'experiment-name'])).toBeUndefined();
  });

  it.each(['data', 'zzzzzz', ''])('suggests nothing for %j', (name) => {
    expect(closest(name, ['epochs', 'batch_size'])).toBeUndefined();
    expect(didYouMean(name, [])).toBe('');
  });
});

describe('LineSplitter', () => {
  function split(chunks: readonly Uint8Array[], maximumCharacters?: number): string[] {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line), { maximumCharacters });
    for (const chunk of chunks) splitter.write(chunk);
    splitter.end();
    return lines;
  }

  const text = 'first\r\n\nzweite Zeile ä 日本 🚀\nno\rbreak\nlast';
  const lines = ['first', '', 'zweite Zeile ä 日本 🚀', 'no\rbreak', 'last'];

  it.each([1, 2, 3, 5, 1000])('finds the same lines in chunks of %i bytes', (size) => {
    const bytes = Buffer.from(text);
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    expect(split(chunks)).toEqual(lines);
  });

  it('delivers a line as soon as its end is there, and no empty one at the end of the stream', () => {
    const delivered: string[] = [];
    const splitter = new LineSplitter((line) => delivered.push(line));
    splitter.write(Buffer.from('a\nb'));
    expect(delivered).toEqual(['a']);
    splitter.write(Buffer.from('\n'));
    splitter.end();
    expect(delivered).toEqual(['a', 'b']);
  });

  it('cuts a line at the cap, keeps a carriage return from counting, and finds the next line', () => {
    expect(split([Buffer.from('12345\r\n1234'), Buffer.from('5678\nx\n123456')], 5)).toEqual([
      '12345',
      '12345',
      'x',
      '12345',
    ]);
  });

  it('shows a character that is cut off at the end of the stream', () => {
    expect(split([Buffer.from('ä').subarray(0, 1)])).toEqual(['\ufffd']);
  });
});

describe('sha256', () => {
  it('gives the digest of FIPS 180-2, appendix B.1', () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sha256(Buffer.from('abc'))).toBe(sha256('abc'));
  });
});
