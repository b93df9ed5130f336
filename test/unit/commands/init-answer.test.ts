import { describe, expect, it } from 'vitest';
import { initLines, nextCommands, notCommitted } from '../../../src/commands/init-answer.ts';
import type { NewProject } from '../../../src/init/index.ts';
import { createLook } from '../../../src/report/look.ts';

const look = createLook({ stream: { write: () => true }, environment: {} });
const files = [
  { name: 'MLproject', content: '', purpose: 'what a run is' },
  { name: 'config.yaml', content: '', purpose: 'parameters' },
];

function answer(versioning: NewProject['versioning']): string {
  const project = { name: 'demo', directory: '/work/demo', files, versioning };
  return initLines(project, nextCommands(project, '/work', 'slipway'), look).join('\n');
}

describe('the answer of init', () => {
  it('says what was made and committed, and ends with the next commands', () => {
    const text = answer({
      kind: 'committed',
      commit: 'abcdef012345678',
      topLevel: '/work/demo',
      isNew: true,
      author: null,
    });
    expect(text).toBe(
      [
        '✓ demo is made in /work/demo',
        '  MLproject    what a run is',
        '  config.yaml  parameters',
        '  Committed to a new git repository as abcdef012345.',
        '',
        'Next:',
        '  cd demo',
        '  slipway run',
      ].join('\n'),
    );
  });

  it('says by whom it committed where git knew nobody', () => {
    const base = { kind: 'committed', commit: 'abc', topLevel: '/work', isNew: false } as const;
    expect(answer({ ...base, author: 'root' })).toContain(
      'Committed to the git repository /work as abc, by root: git knows no other name of yours.',
    );
  });

  it('says how to commit where nothing was committed, and why it was not', () => {
    expect(answer({ kind: 'uncommitted', topLevel: '/work' })).toContain('git add MLproject config.yaml && git commit');
    expect(answer({ kind: 'none', why: 'git is not installed' })).toContain(
      'in no git repository (git is not installed)',
    );
  });

  it('says where the files are where git refused them, and in one sentence why, with the command that commits them', () => {
    const versioning = { kind: 'refused', topLevel: '/work', why: 'no commits on a Friday', isAdded: true } as const;
    expect(answer(versioning)).toContain('  Nothing is committed: its files are added to the git repository /work.\n');
    expect(answer({ ...versioning, isAdded: false })).toContain('it lies in the git repository /work.');
    const project = { name: 'demo', directory: '/work/my demo', files, versioning };
    const error = notCommitted(project, '/work');
    expect(error.message).toBe('demo is made, but git did not commit it, as --git asks: no commits on a Friday.');
    expect(error.exitCode).toBe(1);
    const names = 'MLproject config.yaml';
    expect(error.hint).toBe(
      `Mend that, and commit it: \`git -C 'my demo' add ${names} && git -C 'my demo' commit --only ${names}\``,
    );
    const outside = notCommitted(
      { ...project, versioning: { kind: 'none', why: 'git is not installed' } },
      '/work/my demo',
    );
    expect(outside.hint).toContain('`git init && git add MLproject config.yaml && git commit --only ');
  });

  it('needs no change of folder within the project, and quotes one where it must', () => {
    const project = {
      name: 'demo',
      directory: '/work/my cells',
      files,
      versioning: { kind: 'none', why: '' },
    } as const;
    expect(nextCommands(project, '/work/my cells', 'slipway')).toEqual(['slipway run']);
    expect(nextCommands(project, '/work', 'slipway')[0]).toBe("cd 'my cells'");
  });
});
