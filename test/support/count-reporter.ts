import type { Reporter, SerializedError, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node';

/** What a whole test run came to. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Prints each skipped test with its reason and then, as the very last line alone, `N passed, N failed, N skipped`.
 * A suite whose hooks failed, a file that could not be loaded, an unhandled error and a test that was never reached
 * each count as one failure, and any failure makes the process exit non-zero.
 */
export default class CountReporter implements Reporter {
  #counts: Counts | undefined;
  #skipped: string[] = [];
  #selectsByName = false;

  onInit(vitest: Vitest): void {
    this.#selectsByName = vitest.config.testNamePattern !== undefined;
    // Other reporters and the runner itself still print after the run has ended: only the exit is surely last.
    process.once('exit', () => this.#printLast());
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const counts: Counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    this.#skipped = [];
    // A filter that matches no file would otherwise look like success.
    if (modules.length === 0) counts.failed++;
    for (const module of modules) {
      if (module.errors().length > 0) counts.failed++;
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) counts.failed++;
      for (const test of module.children.allTests()) this.#count(test, counts);
    }
    this.#counts = counts;
  }

  #count(test: TestCase, counts: Counts): void {
    const result = test.result();
    if (result.state === 'passed') counts.passed++;
    else if (result.state === 'skipped') {
      counts.skipped++;
      const title = `${test.module.relativeModuleId} > ${test.fullName}`;
      this.#skipped.push(`skipped: ${title}: ${result.note ?? inheritedReason(test)}`);
    } else counts.failed++;
  }

  #printLast(): void {
    const counts = this.#counts ?? { passed: 0, failed: 1, skipped: 0 };
    if (counts.failed > 0 && !process.exitCode) process.exitCode = 1;
    // Tests that a name filter left out were not skipped for a reason worth a line each.
    const lines = this.#selectsByName ? [] : this.#skipped;
    lines.push(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    process.stdout.write(`${lines.join('\n')}\n`);
  }
}

/** Why a test was skipped that says nothing itself: the reason, or the failure, of a suite around it. */
function inheritedReason(test: TestCase): string {
  for (let parent: TestSuite | TestModule = test.parent; ; parent = parent.parent) {
    if (parent.errors().length > 0) return 'its suite failed';
    const note = suiteNote(parent);
    if (note !== undefined) return note;
    if (parent.type === 'module') return test.options.mode === 'todo' ? 'to do' : 'no reason given';
  }
}

/** The reason given in a `beforeAll`; vitest keeps it on the task and has no public name for it. */
function suiteNote(parent: TestSuite | TestModule): string | undefined {
  const { task } = parent as unknown as { task: { result?: { note?: string } } };
  return task.result?.note;
}
