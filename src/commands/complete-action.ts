import { type Candidate, complete, knownVerb, runCandidates, type VerbModule } from '../completion/index.ts';
import { environment } from '../config.ts';
import { locateStorage } from '../launch/storage.ts';
import { storagesToSearch } from '../machine/known-storages.ts';
import { withVerbosityOptions } from './verbosity.ts';

/** Answers a shell that asks what may follow: one line a candidate, its description behind a tab. */
export async function completeAction(
  words: readonly string[],
  verbs: Readonly<Record<string, VerbModule>>,
): Promise<void> {
  const { options } = knownVerb({ builder: withVerbosityOptions });
  const help = { describe: 'Show help', alias: ['h'], isFlag: true, choices: [] };
  const candidates = await complete(words.slice(0, -1), words.at(-1) ?? '', {
    verbs: new Map(Object.entries(verbs).map(([name, module]) => [name, knownVerb(module)])),
    common: new Map([...options, ['help', help]]),
    runs: runsHere,
  });
  process.stdout.write(
    candidates.map(({ word, describe }) => `${word}${describe === '' ? '' : `\t${describe}`}\n`).join(''),
  );
}

async function runsHere(typed: string, storage: string | null): Promise<readonly Candidate[]> {
  const first = locateStorage(storage, environment(), process.cwd());
  const storages = await storagesToSearch(first, { isOnly: storage !== null, environment: environment() });
  return runCandidates(storages, typed);
}
