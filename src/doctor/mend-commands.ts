import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { environment } from '../config.ts';
import { ownCommand } from '../util/own-command.ts';
import { packageRoot } from '../util/package-root.ts';
import { quoteForShell } from '../util/quote-for-shell.ts';
import type { Mend } from './check.ts';

/** The command line as this person calls it. */
export function ownName(): string {
  return ownCommand(environment());
}

/** A command of ours that may be run by `--fix`. */
export function ownMend(words: readonly string[]): Mend {
  return {
    command: [ownName(), ...words.map(quoteForShell)].join(' '),
    isSafe: true,
    argv: [process.execPath, join(packageRoot(), 'bin', 'slipway'), ...words],
  };
}

/** A program with its words, safe to run. */
export function safeCommand(argv: readonly string[]): Mend {
  return { command: argv.map(quoteForShell).join(' '), isSafe: true, argv };
}

/** A target of our Makefile, where there is one: it is not in the package. */
export function makeTarget(target: string): readonly string[] | null {
  const root = packageRoot();
  if (!existsSync(join(root, 'Makefile'))) return null;
  return root === process.cwd() ? ['make', target] : ['make', '-C', root, target];
}
