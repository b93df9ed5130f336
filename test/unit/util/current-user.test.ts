import { execFileSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { expect, test } from 'vitest';
import { currentUser } from '../../../src/util/current-user.ts';
import { skip } from '../../support/skip.ts';

test('a user has the name that the system knows', () => {
  const { uid, gid, username } = userInfo();
  expect(currentUser()).toEqual({ uid, gid, name: username });
});

test('a user whom the system has no name for is called by the number', () => {
  if (process.getuid?.() !== 0) skip('only root can become another user');
  const module = new URL('../../../dist/src/util/current-user.js', import.meta.url);
  const script = `process.setuid(54321); const { currentUser } = await import(${JSON.stringify(module.href)});
    console.log(JSON.stringify(currentUser()));`;
  const answer = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
  expect(JSON.parse(answer)).toMatchObject({ uid: 54321, name: '54321' });
});
