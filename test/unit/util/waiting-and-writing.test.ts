import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { atomicWriteFile, sleep } from '../../../src/util/index.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-util-'));
});

afterEach(() => {
  chmodSync(directory, 0o755);
  rmSync(directory, { recursive: true, force: true });
});

describe('atomicWriteFile', () => {
  it('replaces a file, leaves nothing beside it, and sets the mode', async () => {
    const file = join(directory, 'state.json');
    await atomicWriteFile(file, 'old, and longer');
    await atomicWriteFile(file, Buffer.from('new'), { mode: 0o600 });
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(['state.json']);
  });

  it('shows a reader the whole old or the whole new content, with many writers at once', async () => {
    const file = join(directory, 'state.json');
    const contents = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(200_000));
    await atomicWriteFile(file, contents[0]!);
    let writing = true;
    const reading = (async () => {
      while (writing) {
        expect(contents.includes(readFileSync(file, 'utf8'))).toBe(true);
        await sleep(0);
      }
    })();
    await Promise.all([...contents, ...contents].map((content) => atomicWriteFile(file, content)));
    writing = false;
    await reading;
    expect(readdirSync(directory)).toEqual(['state.json']);
  });

  it('fails with the code of the system and leaves no temporary file', async () => {
    await expect(atomicWriteFile(join(directory, 'gone', 'file'), '')).rejects.toMatchObject({ code: 'ENOENT' });
    // A folder cannot be replaced by a file.
    mkdirSync(join(directory, 'folder'));
    await expect(atomicWriteFile(join(directory, 'folder'), 'x')).rejects.toMatchObject({ code: 'EISDIR' });
    expect(readdirSync(directory)).toEqual(['folder']);
  });
});

describe('sleep', () => {
  it('rejects with the reason of its signal, and leaves neither a timer nor a listener', async () => {
    const controller = new AbortController();
    const removed = vi.spyOn(controller.signal, 'removeEventListener');
    const reason = new Error('stop');
    const sleeping = sleep(60_000, { signal: controller.signal });
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    expect(removed).toHaveBeenCalled();
    await expect(sleep(60_000, { signal: controller.signal })).rejects.toBe(reason);
  });

  it('resolves after its time', async () => {
    await expect(sleep(1, { signal: new AbortController().signal })).resolves.toBeUndefined();
  });
});
