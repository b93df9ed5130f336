import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  isRemoteProject,
  locateProject,
  parseRemoteProject,
  repositoryName,
} from '../../../src/util/project-address.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

describe('what a project is named by', () => {
  it.each([
    'https://host.example/team/cells.git',
    'http://host.example/cells#sub',
    'ssh://git@host.example:2222/team/cells.git',
    'git@host.example:team/cells.git',
    'host.example:cells',
    'file:///srv/git/cells.git',
  ])('is the address of a repository: %s', (text) => {
    expect(isRemoteProject(text)).toBe(true);
    expect(locateProject(text)).toBe(text);
  });

  it.each(['.', 'cells', './a:b', '/srv/cells', 'projects/a:b', '../cells#2', 'C:', 'ext::sh -c id'])(
    'is a folder: %s',
    (text) => {
      expect(isRemoteProject(text)).toBe(false);
      expect(locateProject(text)).toBe(resolve(text));
    },
  );

  it('is a folder where there is one of that name', async () => {
    await using folder = await temporaryDirectory();
    mkdirSync(folder.join('a:b'));
    const inFolder = process.cwd();
    process.chdir(folder.path);
    try {
      expect(isRemoteProject('a:b')).toBe(false);
      expect(isRemoteProject('a:c')).toBe(true);
    } finally {
      process.chdir(inFolder);
    }
  });
});

describe('an address', () => {
  it.each([
    ['https://host/team/cells.git', 'https://host/team/cells.git', '', 'https://host/team/cells.git'],
    ['https://host/cells#a/b', 'https://host/cells', 'a/b', 'https://host/cells#a/b'],
    ['git@host:team/cells.git#/a//./b/', 'git@host:team/cells.git', 'a/b', 'git@host:team/cells.git#a/b'],
    ['ssh://git@host/cells#', 'ssh://git@host/cells', '', 'ssh://git@host/cells'],
  ])('%s is a repository and a folder in it', (text, repositoryUrl, folder, uri) => {
    expect(parseRemoteProject(text)).toEqual({ repositoryUrl, folder, uri });
  });

  it.each([
    'https://ada:s3cr3t-token@host/cells.git',
    'https://s3cr3t-token@host/cells.git#a',
    'ssh://git:s3cr3t-token@host/cells.git',
    'https://host/cells.git?private_token=s3cr3t-token',
    'HTTPS://ada:s3cr3t-token@x@host/cells.git',
  ])('with a secret is refused without repeating it: %s', (text) => {
    const refused = (() => {
      try {
        parseRemoteProject(text);
      } catch (error) {
        return error as Error & { hint: string };
      }
      throw new Error('It was taken.');
    })();
    expect(refused.message).toMatch(/^The address of the repository (holds a login|has a query)/);
    expect(refused.message + refused.hint + (refused.stack ?? '')).not.toContain('s3cr3t');
  });

  it('is refused with a folder outside, and with what git could take for an option', () => {
    expect(() => parseRemoteProject('https://host/cells#a/../../b')).toThrow('The folder a/../../b lies outside');
    expect(() => parseRemoteProject('--upload-pack=x@host:cells')).toThrow('is no address of a git repository');
    expect(() => parseRemoteProject('https://host/a\nb')).toThrow('is no address of a git repository');
  });

  it.each([
    ['https://host/team/cells.git', 'cells'],
    ['https://host/team/cells/', 'cells'],
    ['git@host:cells.git', 'cells'],
    ['file:///srv/cells/.git', 'cells'],
  ])('names its project: %s', (url, name) => {
    expect(repositoryName(url)).toBe(name);
  });
});
