import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { acquireProcessLock } from '../../../src/util/process-lock.ts';
import { typeScriptProgram } from '../../support/typescript-process.ts';

const holderProgram = resolve(import.meta.dirname, '../../fixtures/process-lock/hold.ts');

/** A process that has taken the lock. */
async function holder(name: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [...typeScriptProgram(holderProgram), name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    expect(line).toBe('held');
    return child;
  }
  throw new Error('the holder ended without the lock');
}

let drawn = 0;
const freshName = () => `test ${process.pid} ${drawn++}`;

describe('the lock between processes', () => {
  it('is taken by one at a time, within a process too', async () => {
    const name = freshName();
    const lock = await acquireProcessLock(name);
    const order: string[] = [];
    const second = acquireProcessLock(name, { onWait: () => order.push('waits') }).then((taken) => {
      order.push('second');
      return taken;
    });
    await expect.poll(() => order).toEqual(['waits']);
    order.push('release');
    await lock.release();
    await (await second).release();
    expect(order).toEqual(['waits', 'release', 'second']);
  });

  it('differs by name', async () => {
    await using _lock = await acquireProcessLock(freshName());
    const waits: string[] = [];
    await using _other = await acquireProcessLock(freshName(), { onWait: () => waits.push('waits') });
    expect(waits).toEqual([]);
  });

  it('is handed to every one of many that wait, one after the other', async () => {
    const name = freshName();
    let holders = 0;
    const most: number[] = [];
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        await using _lock = await acquireProcessLock(name);
        holders++;
        most.push(holders);
        await new Promise((resolve) => setImmediate(resolve));
        holders--;
      }),
    );
    expect(most).toEqual(Array(8).fill(1));
  });

  it('is freed by the death of the process that holds it', async () => {
    const name = freshName();
    const child = await holder(name);
    const events: string[] = [];
    const waiting = acquireProcessLock(name, { onWait: () => events.push('waits') }).then((lock) => {
      events.push('taken');
      return lock;
    });
    await expect.poll(() => events).toEqual(['waits']);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await (await waiting).release();
    expect(events).toEqual(['waits', 'taken']);
  });

  it('stops waiting when it is aborted', async () => {
    const name = freshName();
    await using _lock = await acquireProcessLock(name);
    const controller = new AbortController();
    const waiting = acquireProcessLock(name, {
      signal: controller.signal,
      onWait: () => controller.abort(new Error('enough')),
    });
    await expect(waiting).rejects.toThrow('enough');
  });
});
