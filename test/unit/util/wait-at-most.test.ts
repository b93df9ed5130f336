import { expect, it } from 'vitest';
import { waitAtMost } from '../../../src/util/sleep.ts';

it('waits for a promise, or for so long, and leaves no timer', async () => {
  const before = process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
  await waitAtMost(Promise.resolve(), 60_000);
  await expect(waitAtMost(Promise.reject(new Error('broken')), 60_000)).rejects.toThrow('broken');
  await waitAtMost(new Promise(() => {}), 1);
  expect(process.getActiveResourcesInfo().filter((each) => each === 'Timeout')).toHaveLength(before);
});
