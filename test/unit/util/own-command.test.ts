import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ownCommand } from '../../../src/util/own-command.ts';
import { packageRoot } from '../../../src/util/package-root.ts';
import { temporaryDirectory } from '../../support/index.ts';

const own = join(packageRoot(), 'bin', 'slipway');

describe('how a person calls the command line', () => {
  it('is by npx where npx started it', () => {
    expect(ownCommand({ npm_command: 'exec', PATH: '' })).toBe('npx slipway');
  });

  it('is by its name where the first of that name on the PATH is this one', async () => {
    await using folder = await temporaryDirectory();
    const [bin, other] = [folder.join('bin'), folder.join('other')];
    for (const name of [bin, other]) mkdirSync(name);
    symlinkSync(own, join(bin, 'slipway'));
    writeFileSync(join(other, 'slipway'), '', { mode: 0o755 });
    expect(ownCommand({ PATH: `/nowhere:${bin}:${other}` })).toBe('slipway');
    expect(ownCommand({ PATH: `${other}:${bin}` }, '/')).not.toBe('slipway');
  });

  it('is by its path where it is not found so, short from its own folder and whole from others', () => {
    expect(ownCommand({}, packageRoot())).toBe('bin/slipway');
    expect(ownCommand({}, join(packageRoot(), 'bin'))).toBe('./slipway');
    expect(ownCommand({}, join(packageRoot(), 'docs'))).toBe(own);
    expect(ownCommand({}, '/')).toBe(own.slice(1));
  });
});
