import { spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';
import { plainEnvironment } from '../support/plain-environment.ts';
import { skip } from '../support/skip.ts';

let folder: TemporaryDirectory;

beforeAll(async () => {
  folder = await temporaryDirectory();
  await mkdir(folder.join('bin'));
  symlinkSync(resolve(import.meta.dirname, '../../bin/slipway'), folder.join('bin', 'slipway'));
  await mkdir(folder.join('runs', '20261121-000001-aaaa'), { recursive: true });
});

afterAll(() => folder?.remove());

/** How each shell is asked for what it would offer; `WORDS` are those of the line, the last one unfinished. */
const questions = {
  bash: (words: string[]) => `source <(slipway completion bash)
    COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}
    _slipway "\${COMP_WORDS[0]}"; printf '%s\\n' "\${COMPREPLY[@]}"; complete -p slipway`,
  zsh: (words: string[]) => `compdef() { print "compdef $@" }
    _describe() { print -l -- "\${(@P)2}" }; _files() { print files }
    source <(slipway completion zsh)
    words=(${words.join(' ')}); CURRENT=${words.length}; _slipway`,
  fish: (words: string[]) => `source (slipway completion fish | psub)
    complete -C "${words.join(' ').replace(/ ''$/, ' ')}"`,
} as const;

function ask(shell: keyof typeof questions, ...words: string[]): string {
  if (spawnSync(shell, ['-c', 'exit 0']).error !== undefined) skip(`there is no ${shell}`);
  const environment = {
    PATH: `${folder.join('bin')}:${process.env.PATH}`,
    HOME: folder.path,
    XDG_STATE_HOME: folder.join('state'),
    SLIPWAY_STORAGE: folder.path,
  };
  const options = shell === 'zsh' ? ['-f'] : shell === 'bash' ? ['--norc'] : ['--no-config'];
  const { stdout, stderr } = spawnSync(shell, [...options, '-c', questions[shell](words)], {
    encoding: 'utf8',
    env: plainEnvironment(environment),
  });
  return stdout + stderr;
}

it.each(['bash', 'zsh', 'fish'] as const)('%s completes verbs, options, their values and runs', (shell) => {
  expect(ask(shell, 'slipway', 'trac')).toMatch(/^tracking\b/m);
  expect(ask(shell, 'slipway', 'run', '--offline-')).toMatch(/^--offline-ok\b/m);
  for (const engine of ['auto', 'docker', 'host']) {
    expect(ask(shell, 'slipway', 'run', '--engine', "''")).toMatch(new RegExp(`^${engine}$`, 'm'));
  }
  expect(ask(shell, 'slipway', 'attach', '2026')).toMatch(/^20261121-000001-aaaa$/m);
});

it('bash completes files where a word may be one, and every path of the program', () => {
  expect(ask('bash', 'slipway', 'run', "''")).toMatch(/^complete -o bashdefault -o default -F _slipway slipway$/m);
  expect(ask('bash', `${folder.join('bin')}/slipway`, 'trac')).toMatch(/^tracking$/m);
});

it('zsh completes files where a word may be one, too', () => {
  expect(ask('zsh', 'slipway', 'run', "''")).toMatch(/^compdef _slipway slipway\n[\s\S]*files$/m);
});
