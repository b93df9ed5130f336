import type { RunResult } from '../events.ts';
import { findOwnRun } from './find-own-run.ts';
import type { LaunchContext } from './launch.ts';
import { chooseStorage } from './storage.ts';
import { watchRun } from './watch-run.ts';

/** Watches a run that was launched earlier. Throws UsageError where none or several are meant. */
export async function attachRun(
  text: string,
  context: LaunchContext & { readonly storage: string | null },
): Promise<RunResult> {
  const { paths, plan } = await findOwnRun(chooseStorage(context.storage, context.environment, process.cwd()), text);
  return watchRun({ runDirectory: paths.directory, plan, ...context, again: true });
}
