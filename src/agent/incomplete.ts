import type { RunContext } from './run-context.ts';

/** Writes down what of the run is missing, beside what is known to be missing already; a clause. Repeatable. */
export async function addIncomplete(run: RunContext, what: string): Promise<void> {
  const { incomplete } = run.record;
  const text = run.mask(what);
  if (incomplete?.includes(text) === true) return;
  await run.settle({ incomplete: incomplete === null ? text : `${incomplete}; ${text}` });
}
