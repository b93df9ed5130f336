import { afterEach, expect, it, vi } from 'vitest';
import { createCommandLine } from '../../../src/commands/index.ts';
import { showError } from '../../../src/commands/show-error.ts';
import { ownCommand } from '../../../src/util/own-command.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const never = new AbortController().signal;

/** What stands on standard error for a command line that is wrong. */
async function told(...words: string[]): Promise<string> {
  const written: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  await createCommandLine({ politeStop: never, forcedStop: never })
    .run(words)
    .catch((error: unknown) => showError(error, words));
  return written.join('');
}

it.each([
  [['rums'], '→ PROGRAM --help'],
  [['run', '.', '--experiment', 'x'], '→ PROGRAM run --help'],
  [['sync'], '→ PROGRAM sync --all'],
  [['runs', 'show'], '→ PROGRAM runs show --help'],
  [['init', 'src'], '`PROGRAM init NAME`'],
  [['init', 'Cells'], '→ PROGRAM init cells'],
  [['show', 'deeper'], '→ PROGRAM runs show deeper'],
])('what is advised after %j can be typed here', async (words, hint) => {
  // These tests themselves are started by npx.
  vi.stubEnv('npm_command', undefined);
  const program = ownCommand(process.env);
  expect(program).not.toBe('slipway');
  const text = await told(...words);
  expect(text).toContain(hint.replace('PROGRAM', program));
  expect(text).not.toMatch(/(?<![\w/])slipway /);
});
