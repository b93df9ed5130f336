import type { RunResult } from '../events.ts';
import { findOwnRun } from '../machine/find-own-run.ts';
import { storagesToSearch } from '../machine/known-storages.ts';
import type { LaunchContext } from './launch.ts';
import { readLaunchLog } from './launch-log.ts';
import { locateStorage } from './storage.ts';
import { watchRun } from './watch-run.ts';

/** Where the run lies, and how much of its past is shown. */
export interface AttachContext extends LaunchContext {
  readonly storage: string | null;
  /** True where a person is shown only the recent part of a long past. */
  readonly isPastCut?: boolean;
}

/** Watches a run that was launched earlier. Throws UsageError where none or several are meant. */
export async function attachRun(text: string, context: AttachContext): Promise<RunResult> {
  const { storage, environment } = context;
  const first = locateStorage(storage, environment, process.cwd());
  const storages = await storagesToSearch(first, { isOnly: storage !== null, environment });
  const { paths, plan } = await findOwnRun(storages, text);
  for (const event of await readLaunchLog(paths.directory)) context.sink(event);
  return watchRun({ runDirectory: paths.directory, plan, ...context, again: true });
}
