import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogWatcher } from '../../../src/stream/log-watcher.ts';
import { Wakeup } from '../../../src/stream/wakeup.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-watch-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('LogWatcher', () => {
  it('tells of a new file and of a line added to it', async () => {
    const closing = new AbortController();
    const watcher = new LogWatcher(directory);
    const running = watcher.run(closing.signal);
    for (let line = 0; line < 3; line++) {
      const { generation } = watcher;
      const changed = watcher.changed(generation, closing.signal);
      appendFileSync(join(directory, 'trainer.ndjson'), 'line\n');
      await changed;
      expect(watcher.generation).toBeGreaterThan(generation);
    }
    closing.abort();
    await running;
  });

  it('cuts a pause short when everything is wanted at once', async () => {
    const watcher = new LogWatcher(directory);
    const pause = watcher.pause(1_000_000, new AbortController().signal);
    watcher.isUrgent = true;
    watcher.notify();
    await pause;
  });
});

describe('Wakeup', () => {
  it('lets each go on when its own condition holds', async () => {
    const wakeup = new Wakeup();
    const never = new AbortController().signal;
    let count = 0;
    const order: string[] = [];
    const two = wakeup.until(() => count >= 2, never).then(() => order.push('two'));
    const one = wakeup.until(() => count >= 1, never).then(() => order.push('one'));
    count = 1;
    wakeup.notify();
    await one;
    count = 2;
    wakeup.notify();
    await two;
    expect(order).toEqual(['one', 'two']);
  });

  it('rejects with the reason it is stopped for', async () => {
    const stop = new AbortController();
    const waiting = new Wakeup().until(() => false, stop.signal);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(new Wakeup().until(() => false, stop.signal)).rejects.toThrow('enough');
  });
});
