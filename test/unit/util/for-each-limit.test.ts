import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { forEachLimit } from '../../../src/util/for-each-limit.ts';

describe('forEachLimit', () => {
  it('works on every item, a few at a time', async () => {
    const done: number[] = [];
    let active = 0;
    let most = 0;
    await forEachLimit([...Array(20).keys()], 3, async (item) => {
      active += 1;
      most = Math.max(most, active);
      await wait(1);
      active -= 1;
      done.push(item);
    });
    expect(done.sort((left, right) => left - right)).toEqual([...Array(20).keys()]);
    expect(most).toBe(3);
  });

  it('throws the first failure, stops the others and begins nothing new', async () => {
    const begun: number[] = [];
    let isStopped = false;
    const result = forEachLimit([0, 1, 2, 3, 4], 2, async (item, _index, signal) => {
      begun.push(item);
      if (item === 0) {
        await wait(5);
        throw new Error('first');
      }
      await wait(60_000, undefined, { signal }).catch(() => {
        isStopped = true;
        throw new Error('echo');
      });
    });
    await expect(result).rejects.toThrow('first');
    expect(begun).toEqual([0, 1]);
    expect(isStopped).toBe(true);
  });

  it('ends with the reason of its signal', async () => {
    const reason = new Error('stop');
    const controller = new AbortController();
    const work = (_item: number, _index: number, signal: AbortSignal) => wait(60_000, undefined, { signal });
    const result = forEachLimit([1, 2], 2, work, controller.signal);
    controller.abort(reason);
    await expect(result).rejects.toBe(reason);
    await expect(forEachLimit([1], 1, work, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('does nothing for no items', async () => {
    await expect(forEachLimit([], 4, async () => expect.fail('no item'))).resolves.toBeUndefined();
  });
});
