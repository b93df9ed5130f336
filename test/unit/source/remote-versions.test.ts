import { describe, expect, it } from 'vitest';
import { chooseVersion, parseRemoteVersions } from '../../../src/source/remote-versions.ts';

const [first, second, third] = ['1', '2', '3'].map((digit) => digit.repeat(40)) as [string, string, string];
const lines = [
  'ref: refs/heads/main\tHEAD',
  `${first}\tHEAD`,
  `${first}\trefs/heads/main`,
  `${second}\trefs/heads/feature/wide`,
  `${third}\trefs/tags/v1`,
  `${second}\trefs/tags/v1^{}`,
  `${first}\trefs/tags/v2`,
  '',
];
const versions = parseRemoteVersions(lines.join('\n'));
const choose = (version: string | null) => chooseVersion(versions, version, 'https://host/cells.git');

describe('a version', () => {
  it('is a branch, a tag with the commit that it stands for, a commit, or the default branch', () => {
    expect(choose(null)).toEqual({ commit: first, branch: 'main' });
    expect(choose('feature/wide')).toEqual({ commit: second, branch: 'feature/wide' });
    expect(choose('refs/heads/main')).toEqual({ commit: first, branch: 'main' });
    expect(choose('v1')).toEqual({ commit: second, branch: null });
    expect(choose('ABCDEF0')).toEqual({ commit: 'abcdef0', branch: null });
  });

  it('that is none is refused with the nearest one, and those that there are', () => {
    expect(() => choose('mian')).toThrow('The repository https://host/cells.git has no branch, tag or commit mian.');
    expect(() => choose('mian')).toThrow(
      expect.objectContaining({
        hint: 'Did you mean `--version main`? It has the branches main, feature/wide and the tags v2, v1.',
      }),
    );
  });

  it('cannot be had from a repository without a commit, or without a default branch', () => {
    expect(() => chooseVersion(parseRemoteVersions(''), null, 'u')).toThrow('The repository u has no commit yet.');
    const headless = parseRemoteVersions(`${first}\trefs/heads/next\n`);
    expect(() => chooseVersion(headless, null, 'u')).toThrow('The repository u has no default branch.');
  });

  it('is of the branch with HEAD’s commit where the server does not name it', () => {
    const plain = parseRemoteVersions(`${second}\tHEAD\n${first}\trefs/heads/a\n${second}\trefs/heads/b\n`);
    expect(chooseVersion(plain, null, 'u')).toEqual({ commit: second, branch: 'b' });
  });
});
