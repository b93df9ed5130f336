import { describe, expect, it } from 'vitest';
import { maskSecrets, SecretMask } from '../../../src/util/index.ts';

/** What comes of a stream that is cut into pieces of so many bytes. */
function masked(text: string, secrets: readonly string[], pieceBytes: number): string {
  const mask = new SecretMask(secrets);
  const bytes = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    pieces.push(Buffer.from(mask.push(bytes.subarray(start, start + pieceBytes))));
  }
  return Buffer.concat([...pieces, mask.end()]).toString();
}

const secrets = ['hunter2hunter2', 'hunter2hunter2-and-more', 'ter2-x', 'Größe+/=?', 'line one of it\nline two of it'];

describe('a stream without secrets', () => {
  it.each([
    'nothing to hide',
    'hunter2hunter2 and hunter2hunter2-and-more, and hunter2hunter2-and-mor',
    'overlapping: hunter2hunter2-x is one',
    'in other forms: Gr%C3%B6%C3%9Fe%2B%2F%3D%3F and Größe+/=?',
    `in base64: ${Buffer.from('my hunter2hunter2 here').toString('base64')}`,
    'a key:\nline one of it\nline two of it\n',
    'hunter2hunter',
    '',
  ])('is what the whole text is without them, however it is cut: %s', (text) => {
    for (const pieceBytes of [1, 2, 3, 7, 1000]) {
      expect(masked(text, secrets, pieceBytes)).toBe(maskSecrets(text, secrets));
    }
  });

  it('keeps bytes that are no text, and holds back nothing that cannot be the beginning of a secret', () => {
    const mask = new SecretMask(['hunter2hunter2']);
    const bytes = Buffer.from([0, 0xff, 0xfe, 0xc3, 0x0a]);
    expect(mask.push(bytes)).toEqual(bytes);
    expect(mask.push(Buffer.from('10%\r')).toString()).toBe('10%\r');
    expect(mask.push(Buffer.from('a hunter')).toString()).toBe('a ');
    expect(mask.heldBytes).toBe(6);
    expect(mask.push(Buffer.from('s')).toString()).toBe('hunters');
    expect(mask.heldBytes).toBe(0);
  });

  it('holds back a bounded amount, of secrets too that overlap without an end', () => {
    const mask = new SecretMask(['aaaaaaaa']);
    for (let count = 0; count < 40; count += 1) {
      mask.push(Buffer.alloc(64 * 1024, 'a'));
      expect(mask.heldBytes).toBeLessThan(512 * 1024);
    }
    expect(mask.end().toString()).not.toContain('a');
  });
});
