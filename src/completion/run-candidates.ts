import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunId } from '../runs/run-directory.ts';
import type { Candidate } from './complete.ts';

/** Of so many runs the names are read, the newest: there may be thousands, and a person waits at their prompt. */
const mostNames = 50;

/**
 * The runs of some storages by which a word can go on: ids where it begins like one, else names, the newest first. A name
 * that a shell would have to quote is left out: its id stands for it.
 */
export function runCandidates(storages: readonly string[], typed: string): Candidate[] {
  const found = storages.flatMap((storage) => runsOf(join(storage, 'runs')));
  const newest = found.toSorted((one, other) => (one.runId < other.runId ? 1 : -1));
  if (/^\d{4}/.test(typed)) {
    return newest.filter(({ runId }) => runId.startsWith(typed)).map(({ runId }) => ({ word: runId, describe: '' }));
  }
  const names = newest.slice(0, mostNames).flatMap(({ runId, directory }) => {
    const name = nameOf(directory);
    return name === null || !/^[\w.@+-]+$/.test(name) ? [] : [{ word: name, describe: runId }];
  });
  const ids = newest.slice(0, mostNames).map(({ runId }) => ({ word: runId, describe: '' }));
  // Of several runs of a name the newest is meant.
  const unique = names.filter(({ word }, index) => names.findIndex((other) => other.word === word) === index);
  return [...unique, ...(typed === '' ? [] : ids)].filter(({ word }) => word.startsWith(typed));
}

function runsOf(folder: string): { readonly runId: string; readonly directory: string }[] {
  try {
    return readdirSync(folder).flatMap((runId) => (isRunId(runId) ? [{ runId, directory: join(folder, runId) }] : []));
  } catch {
    // A storage that is not there, or not ours to read, has nothing to offer.
    return [];
  }
}

function nameOf(directory: string): string | null {
  try {
    const { runName } = JSON.parse(readFileSync(join(directory, 'plan.json'), 'utf8')) as { runName?: unknown };
    return typeof runName === 'string' ? runName : null;
  } catch {
    return null;
  }
}
