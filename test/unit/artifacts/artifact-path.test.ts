import { describe, expect, it } from 'vitest';
import { artifactSegments, encodeSegments, fileSegments } from '../../../src/artifacts/artifact-path.ts';
import { UsageError } from '../../../src/errors.ts';

describe('artifact paths', () => {
  it('are split into segments and encoded one by one', () => {
    const segments = fileSegments('plots/a b+c&d=ü?.png');
    expect(segments).toEqual(['plots', 'a b+c&d=ü?.png']);
    expect(encodeSegments(segments)).toBe('plots/a%20b%2Bc%26d%3D%C3%BC%3F.png');
    expect(artifactSegments('')).toEqual([]);
  });

  it.each([
    ['50%.txt', '"%"'],
    ['a#b.png', '"#"'],
    ['../secret', '".."'],
    ['a/./b', '"."'],
    ['/absolute', 'empty part'],
    ['a//b', 'empty part'],
    ['folder/', 'empty part'],
    ['a\\b', '"\\"'],
    ['two\nlines', 'line end'],
    ['half\ud83d', 'not valid text'],
    ['ü'.repeat(128), '255 bytes'],
  ])('refuse %j with the reason', (path, reason) => {
    expect(() => artifactSegments(path)).toThrow(UsageError);
    expect(() => artifactSegments(path)).toThrow(reason);
  });

  it('of a file must have a name', () => {
    expect(() => fileSegments('')).toThrow('is empty');
  });
});
