import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEnvFile } from '../../../src/util/env-file.ts';
import { isSecretFileName, readSecretFile } from '../../../src/util/secret-file.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

let folder: TemporaryDirectory;
beforeAll(async () => {
  folder = await temporaryDirectory();
  mkdirSync(folder.join('sub'));
  execFileSync('mkfifo', [folder.join('pipe')]);
});
afterAll(() => folder.remove());

const write = (name: string, content: string | Buffer, mode = 0o600): string => {
  const file = folder.join(name);
  writeFileSync(file, content, { mode });
  chmodSync(file, mode);
  return file;
};

describe('a file of variables', () => {
  it('is read as docker reads it', () => {
    const text =
      '\uFEFF# a comment\n\n  MODE=production\r\nQUOTED="kept"\nEMPTY=\nSIGNS=a=b # no comment\nCOPIED\n  # another\n';
    expect(readEnvFile(write('good.env', text), { COPIED: 'from here' })).toEqual({
      ...{ MODE: 'production', QUOTED: '"kept"', EMPTY: '', SIGNS: 'a=b # no comment', COPIED: 'from here' },
    });
  });

  it.each([
    ['ONE=1\nTWO WORDS=secret', /line 2 of .*has a space in the name/],
    ['export TOKEN=secret', /line 1 of .*begins with export/],
    ['=secret', /no name before the = in line 1 of /],
    ['# x\n\nMISSING', /line 3 of .*asks for the environment variable MISSING, which is not set here/],
    [Buffer.from([0x41, 0x3d, 0xff]), /bad\.env cannot be read: it is no UTF-8 text\.$/],
  ])('is refused with the line that is wrong, which is not repeated: %j', (text, message) => {
    const read = () => readEnvFile(write('bad.env', text), {});
    expect(read).toThrow(message);
    expect(read).not.toThrow(/secret/);
  });

  it('is refused where it is missing or a folder', () => {
    expect(() => readEnvFile(folder.join('none'), {})).toThrow(/none cannot be read: it does not exist\.$/);
    expect(() => readEnvFile(folder.path, {})).toThrow(/cannot be read: it is a folder\.$/);
  });
});

describe('the file of a secret', () => {
  const self = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

  it('is read, also by a link', () => {
    const file = write('token', 'value\n');
    symlinkSync(file, folder.join('link'));
    expect(readSecretFile('token', folder.join('link'), self)).toBe('value\n');
  });

  it.each([
    [
      'is missing',
      () => folder.join('gone'),
      /^The file of the secret token, .*\/gone, cannot be read: it does not exist\.$/,
    ],
    ['is a folder', () => folder.join('sub'), /is a folder\.$/],
    ['is a pipe', () => folder.join('pipe'), /is no regular file\.$/],
    ['is empty', () => write('empty', ''), /is empty\.$/],
    ['is large', () => write('large', Buffer.alloc(500 * 1024 + 1)), /is larger than 500 KiB\.$/],
    [
      'has no right for its own user',
      () => write('closed', 'x', 0o277),
      /could not be read in the container, which runs as user/,
    ],
  ])('is refused where it %s', (_, make, message) => {
    expect(() => readSecretFile('token', make(), self)).toThrow(message);
  });

  it('is read for a program on the host with whatever rights this user has', () => {
    expect(readSecretFile('token', write('other', 'value', 0o440), null)).toBe('value');
    expect(() => readSecretFile('token', folder.join('other'), { uid: 4242, gid: 4242 })).toThrow('4242');
  });

  it('has a name that is one of a file, and no way out of its folder', () => {
    expect(['token', 'api.key', 'a-b_c', '0'].every(isSecretFileName)).toBe(true);
    expect(['', '.', '..', '../x', 'a/b', '.hidden', '-x', 'a b', 'ä'].some(isSecretFileName)).toBe(false);
  });
});
