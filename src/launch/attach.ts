import type { RunResult } from '../events.ts';
import { findOwnRun } from '../machine/find-own-run.ts';
import { storagesToSearch } from '../machine/known-storages.ts';
import type { LaunchContext } from './launch.ts';
import { locateStorage } from './storage.ts';
import { watchRun } from './watch-run.ts';

/** Watches a run that was launched earlier. Throws UsageError where none or several are meant. */
export async function attachRun(
  text: string,
  context: LaunchContext & { readonly storage: string | null },
): Promise<RunResult> {
  const { storage, environment } = context;
  const first = locateStorage(storage, environment, process.cwd());
  const storages = await storagesToSearch(first, { isOnly: storage !== null, environment });
  const { paths, plan } = await findOwnRun(storages, text);
  return watchRun({ runDirectory: paths.directory, plan, ...context, again: true });
}
