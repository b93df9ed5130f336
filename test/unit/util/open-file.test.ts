import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, readFileSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CannotWriteError } from '../../../src/errors.ts';
import { openForAppend, openForReading } from '../../../src/util/index.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory();
  mkdirSync(folder.join('logs'));
  writeFileSync(folder.join('elsewhere'), 'kept\n');
});
afterEach(() => folder.remove());

/** What a program could put where a log is expected, by name. */
const traps: readonly [string, (path: string) => void][] = [
  ['a link to a file', (path) => symlinkSync(folder.join('elsewhere'), path)],
  ['a link to nothing', (path) => symlinkSync(folder.join('nothing'), path)],
  ['a folder', (path) => mkdirSync(path)],
  ['a pipe', (path) => execFileSync('mkfifo', [path])],
];

describe('a file opened for append', () => {
  it('is made where it is missing, and keeps what it has', () => {
    for (const line of ['one\n', 'two\n']) {
      const descriptor = openForAppend(folder.join('logs', 'log'));
      writeSync(descriptor, line);
      closeSync(descriptor);
    }
    expect(readFileSync(folder.join('logs', 'log'), 'utf8')).toBe('one\ntwo\n');
  });

  it.each(traps)('is refused where it is %s', (_name, make) => {
    make(folder.join('logs', 'log'));
    expect(() => openForAppend(folder.join('logs', 'log'))).toThrow(CannotWriteError);
    expect(() => openForAppend(folder.join('logs', 'log'))).toThrow(/logs\/log.*regular file/);
    expect(readFileSync(folder.join('elsewhere'), 'utf8')).toBe('kept\n');
  });

  it('is refused where its folder is a link', () => {
    symlinkSync(folder.join('logs'), folder.join('link'));
    expect(() => openForAppend(folder.join('link', 'log'))).toThrow(CannotWriteError);
  });

  it('is refused with the reason where its folder is missing', () => {
    expect(() => openForAppend(folder.join('missing', 'log'))).toThrow(/missing\/log: .*ENOENT/);
  });
});

describe('a file opened for reading', () => {
  it('is a regular file', () => {
    const descriptor = openForReading(folder.join('elsewhere'));
    expect(readFileSync(descriptor as number, 'utf8')).toBe('kept\n');
    closeSync(descriptor as number);
  });

  it.each(traps)('is none where there is %s', (_name, make) => {
    make(folder.join('logs', 'log'));
    expect(openForReading(folder.join('logs', 'log'))).toBeNull();
  });

  it('is none where there is nothing', () => {
    expect(openForReading(folder.join('nothing'))).toBeNull();
  });
});
