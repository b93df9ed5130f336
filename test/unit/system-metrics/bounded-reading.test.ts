import { expect, it } from 'vitest';
import { BoundedReading } from '../../../src/system-metrics/bounded-reading.ts';

const never = new AbortController().signal;

it('gives up what does not answer, and does not begin again before that has ended', async () => {
  let began = 0;
  let end = (_value: number): void => {};
  const problems: string[] = [];
  const read = () => {
    began += 1;
    return new Promise<number>((resolve) => {
      end = resolve;
    });
  };
  const reading = new BoundedReading({ what: 'It', read, limitMs: 20, onProblem: (text) => problems.push(text) });
  expect(await reading.take(never)).toBeNull();
  expect(await reading.take(never)).toBeNull();
  expect(began).toBe(1);
  end(1);
  await new Promise((resolve) => setImmediate(resolve));
  const third = reading.take(never);
  end(3);
  expect(await third).toBe(3);
  expect(began).toBe(2);
  expect(problems).toEqual(['It could not be read: it did not answer in 0.02 s.']);
});

it('ends at once, and tells nothing, when it is aborted', async () => {
  const abort = new AbortController();
  const problems: string[] = [];
  const read = (signal: AbortSignal) =>
    new Promise<number>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  const reading = new BoundedReading({ what: 'It', read, limitMs: 60_000, onProblem: (text) => problems.push(text) });
  const taken = reading.take(abort.signal);
  abort.abort(new Error('enough'));
  expect(await taken).toBeNull();
  expect(problems).toEqual([]);
});
