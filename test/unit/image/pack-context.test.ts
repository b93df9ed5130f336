import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  createWriteStream,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeContext, packContext } from '../../../src/image/index.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory();
  mkdirSync(folder.join('project/deep/er'), { recursive: true });
  writeFileSync(folder.join('project/run.sh'), '#!/bin/sh\n');
  chmodSync(folder.join('project/run.sh'), 0o750);
  writeFileSync(folder.join('project/deep/er/grün.txt'), 'inhalt');
  symlinkSync('deep/er', folder.join('project/link'));
});
afterEach(() => folder.remove());

async function packed(name: string, prefix = ''): Promise<string> {
  const project = folder.join('project');
  const { files } = await describeContext(project);
  const added = [{ path: '.ca/extra.crt', content: 'certificate' }];
  const file = folder.join(name);
  await pipeline(packContext(project, files, added, prefix), createWriteStream(file));
  return file;
}

function unpacked(file: string): string {
  const target = `${file}.d`;
  mkdirSync(target);
  execFileSync('tar', ['--same-permissions', '-xf', file, '-C', target]);
  return target;
}

describe('a build context', () => {
  it('keeps contents, links, executable bits and names beyond ASCII, and adds files', async () => {
    const target = unpacked(await packed('a.tar'));
    expect(readFileSync(`${target}/deep/er/grün.txt`, 'utf8')).toBe('inhalt');
    expect(readlinkSync(`${target}/link`)).toBe('deep/er');
    expect(lstatSync(`${target}/run.sh`).mode & 0o777).toBe(0o755);
    expect(lstatSync(`${target}/deep/er/grün.txt`).mode & 0o777).toBe(0o644);
    expect(readFileSync(`${target}/.ca/extra.crt`, 'utf8')).toBe('certificate');
  });

  it('is the same to the byte for equal trees, whatever their times and permissions', async () => {
    const digest = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
    const first = digest(await packed('a.tar'));
    utimesSync(folder.join('project/run.sh'), 1, 1);
    chmodSync(folder.join('project/run.sh'), 0o700);
    chmodSync(folder.join('project/deep/er/grün.txt'), 0o600);
    expect(digest(await packed('b.tar'))).toBe(first);
  });

  it('puts the code into a folder where everybody may write, for programs of other people', async () => {
    const target = unpacked(await packed('a.tar', 'code/'));
    expect(lstatSync(`${target}/code`).mode & 0o777).toBe(0o777);
    expect(lstatSync(`${target}/code/deep/er`).mode & 0o777).toBe(0o777);
    expect(lstatSync(`${target}/code/run.sh`).mode & 0o777).toBe(0o777);
    expect(lstatSync(`${target}/code/deep/er/grün.txt`).mode & 0o777).toBe(0o666);
    expect(readFileSync(`${target}/.ca/extra.crt`, 'utf8')).toBe('certificate');
  });

  it('streams a file larger than what it holds in memory', async () => {
    const sizeBytes = 200_000_000;
    writeFileSync(folder.join('project/large.bin'), '');
    truncateSync(folder.join('project/large.bin'), sizeBytes);
    const files = [{ path: 'large.bin', mode: 0o644, isLink: false, sizeBytes } as const];
    const before = process.memoryUsage().rss;
    let streamed = 0;
    for await (const chunk of packContext(folder.join('project'), files, [])) streamed += (chunk as Buffer).length;
    expect(streamed).toBeGreaterThan(sizeBytes);
    expect(process.memoryUsage().rss - before).toBeLessThan(sizeBytes / 2);
  });

  it('breaks off where a file vanishes while it is read', async () => {
    const files = [{ path: 'gone.py', mode: 0o644, isLink: false, sizeBytes: 1 } as const];
    const reading = pipeline(packContext(folder.join('project'), files, []), createWriteStream(folder.join('a.tar')));
    await expect(reading).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
