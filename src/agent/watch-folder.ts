import { stat } from 'node:fs/promises';
import { errorCode, errorMessage } from '../errors.ts';
import { sleep } from '../util/index.ts';
import type { RunContext } from './run-context.ts';

const pollMs = 1000;
/** A disk that is full for a moment, or a network file system that hiccups, ends no training. */
const patienceLooks = 10;

/**
 * Resolves with what is wrong once the run's folder is of no use any more: removed, replaced by another one, or its state
 * could not be written for ten seconds. Rejects with the signal's reason.
 */
export async function watchFolder(run: RunContext, signal: AbortSignal): Promise<string> {
  const { directory } = run.paths;
  const first = await identityOf(directory);
  for (let bad = 0; ; ) {
    await sleep(pollMs, { signal });
    const problem = (await removal(directory, first)) ?? (await unwritten(run));
    bad = problem === null ? 0 : bad + 1;
    // A folder that is gone does not come back: another look is against a rename that is not over.
    if (problem?.isFinal === true && bad > 1) return problem.text;
    if (problem !== null && bad >= patienceLooks) return problem.text;
  }
}

/** Resolves with what became of the run's folder once it is gone for good. Rejects with the signal's reason. */
export async function whenFolderIsGone({ paths }: RunContext, signal: AbortSignal): Promise<string> {
  const first = await identityOf(paths.directory);
  // Gone already.
  for (let bad = first === null ? 1 : 0; ; ) {
    if (bad > 1) return `the run folder ${paths.directory} was removed`;
    await sleep(pollMs, { signal });
    const problem = await removal(paths.directory, first ?? 'none');
    bad = problem?.isFinal === true ? bad + 1 : 0;
  }
}

interface FolderProblem {
  readonly text: string;
  readonly isFinal: boolean;
}

async function removal(directory: string, first: string | null): Promise<FolderProblem | null> {
  let now: string | null;
  try {
    now = await identityOf(directory);
  } catch (error) {
    return { text: `the run folder ${directory} cannot be read: ${errorMessage(error)}`, isFinal: false };
  }
  if (now === null) return { text: `the run folder ${directory} was removed`, isFinal: true };
  return now === first ? null : { text: `the run folder ${directory} was replaced by another one`, isFinal: true };
}

async function unwritten(run: RunContext): Promise<FolderProblem | null> {
  if (run.writeProblem === null) return null;
  await run.settle({});
  return run.writeProblem === null ? null : { text: run.writeProblem, isFinal: false };
}

/** Which folder it is; null where there is none. */
async function identityOf(directory: string): Promise<string | null> {
  try {
    const { dev, ino } = await stat(directory, { bigint: true });
    return `${dev} ${ino}`;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null;
    throw error;
  }
}
