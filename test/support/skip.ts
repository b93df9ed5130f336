import { TestRunner } from 'vitest';

/** False in a benchmark, which has nothing to skip: there a missing part is an error. */
const isTesting = process.env.VITEST !== undefined;

/**
 * Ends the running test, or all tests of the suite whose `beforeAll` is running, as skipped. The reason is printed at
 * the end of the run. Call it inside a test, a `beforeEach` or a `beforeAll`, not while a file is being loaded.
 */
export function skip(reason: string): never {
  if (!isTesting) throw new Error(reason);
  const test = TestRunner.getCurrentTest();
  if (test) test.context.skip(reason);
  throw suiteSkip(reason);
}

/** Skips with `reason` where `value` is missing, and otherwise hands it back. */
export function skipWithout<T>(value: T | null | undefined, reason: string): T {
  if (value === null || value === undefined) skip(reason);
  return value;
}

/**
 * vitest's own signal for "skipped", which it accepts from `beforeAll` too but offers only on a test's context: so it
 * is taken once from a test that is withdrawn before anything runs.
 */
const suiteSkip: (reason: string) => unknown = (() => {
  if (!isTesting) return (reason: string) => new Error(reason);
  const collector = TestRunner.getCurrentSuite();
  const probe = collector.task('skip', { handler: () => undefined });
  collector.tasks.splice(collector.tasks.indexOf(probe), 1);
  return (reason: string) => {
    try {
      probe.context.skip(reason);
    } catch (signal) {
      return signal;
    }
  };
})();
