import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { packageRoot } from '../util/package-root.ts';
import { quoteForShell } from '../util/quote-for-shell.ts';
import type { Mend } from './check.ts';

/** `slipway` as this person calls it: by its name where it is installed, by its path in a clone. */
export function ownName(): string {
  const root = packageRoot();
  if (root.includes('node_modules')) return 'slipway';
  const path = join(root, 'bin', 'slipway');
  const short = relative(process.cwd(), path);
  return quoteForShell(short.startsWith('..') ? path : short);
}

/** A command of ours that may be run by `--fix`. */
export function ownCommand(words: readonly string[]): Mend {
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
