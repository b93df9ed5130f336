import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { cloneProject } from '../../../src/source/clone-project.ts';
import { startHttpServer } from '../../support/http-server.ts';
import { temporaryDirectory } from '../../support/index.ts';

afterEach(() => vi.unstubAllEnvs());

it('a login that a setting of git puts into the address reaches the server, and no command line', async () => {
  await using folder = await temporaryDirectory();
  await using repository = await temporaryDirectory();
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...words], {
      cwd: repository.path,
    });
  writeFileSync(repository.join('MLproject'), 'name: cells\n');
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'First');
  git('update-server-info');

  const seen = new Set<string>();
  const look = (): void => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        seen.add(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
      } catch {
        // It has ended meanwhile.
      }
    }
  };
  // As a static server of the repository's files, for whoever logs in.
  const expected = `Basic ${Buffer.from('oauth2:to ken@x').toString('base64')}`;
  await using server = await startHttpServer(({ url, headers }, response) => {
    look();
    if (headers.authorization !== expected) return [401, 'no', { 'www-authenticate': 'Basic realm="x"' }];
    try {
      response.end(readFileSync(repository.join('.git', url.replace(/^\/team\/cells\.git|\?.*$/g, ''))));
      return undefined;
    } catch {
      return [404, 'none'];
    }
  });
  const base = server.uri.replace('//', '//oauth2:to%20ken%40x@');
  writeFileSync(folder.join('gitconfig'), `[url "${base}/"]\n\tinsteadOf = ${server.uri}/\n\tinsteadOf = company:\n`);
  vi.stubEnv('GIT_CONFIG_GLOBAL', folder.join('gitconfig'));

  const address = `${server.uri}/team/cells.git`;
  const cloned = await cloneProject(address, { version: null, storageDirectory: folder.join('storage') });
  expect(cloned).toMatchObject({ branch: 'main', repositoryUrl: address });
  expect([...seen].some((line) => line.includes('git-remote-http'))).toBe(true);
  expect([...seen].filter((line) => /to%20ken|to ken/.test(line))).toEqual([]);
  const config = readFileSync(`${cloned.directory}/.git/config`, 'utf8');
  expect(config).not.toMatch(/ken/);
});
