import type { KnownOption, KnownVerb } from './verb-options.ts';

/** What may stand in the place of the word that is being typed. */
export interface Candidate {
  readonly word: string;
  readonly describe: string;
}

export interface CompletionContext {
  readonly verbs: ReadonlyMap<string, KnownVerb>;
  /** What every verb can be told. */
  readonly common: ReadonlyMap<string, KnownOption>;
  /** The runs of this machine, names and ids; asked for where one is to be named. `storage` is that of the command line. */
  readonly runs: (typed: string, storage: string | null) => Promise<readonly Candidate[]>;
}

/**
 * What may follow on a command line.
 * @param before The words before the one that is being typed, without the program's own.
 * @param typed The one that is being typed, as far as it is; may be empty.
 * @returns Nothing where only the person knows, or where a file may stand: a shell completes those by itself.
 */
export async function complete(
  before: readonly string[],
  typed: string,
  context: CompletionContext,
): Promise<readonly Candidate[]> {
  const { verbs, common } = context;
  const verbAt = before.findIndex((word) => verbs.has(word));
  const options = (verb: KnownVerb | null) => new Map([...(verb?.options ?? []), ...common]);
  if (verbAt < 0) {
    if (typed.startsWith('-')) return beginningWith(typed, optionWords(new Map([...common, version])));
    const isFirst = before.every((word) => word.startsWith('-') || word === 'help');
    return isFirst
      ? beginningWith(
          typed,
          [...verbs].map(([word, { describe }]) => ({ word, describe })),
        )
      : [];
  }
  let verb = verbs.get(before[verbAt] as string) as KnownVerb;
  let rest = before.slice(verbAt + 1);
  const action = rest.find((word) => verb.actions.has(word));
  if (action !== undefined) {
    verb = verb.actions.get(action) as KnownVerb;
    rest = rest.slice(rest.indexOf(action) + 1);
  }
  const all = options(verb);
  const offered = (option: KnownOption | undefined, name: string, value: string): Promise<readonly Candidate[]> =>
    valuesOf(option, name, value, before, context);
  // `--engine=docker` is one word to some shells, and three to bash.
  const bound = /^--([\w-]+)=(.*)$/.exec(typed);
  if (bound !== null) {
    const [, name = '', value = ''] = bound;
    const values = await offered(all.get(name), name, value);
    return values.map((candidate) => ({ ...candidate, word: `--${name}=${candidate.word}` }));
  }
  const last = rest.at(-1) === '=' ? rest.at(-2) : rest.at(-1);
  const option = named(all, last);
  if (option !== null && !option.known.isFlag) return offered(option.known, option.name, typed === '=' ? '' : typed);
  if (typed.startsWith('-')) return beginningWith(typed, optionWords(all));
  if (verb.actions.size > 0) {
    return beginningWith(
      typed,
      [...verb.actions].map(([word, { describe }]) => ({ word, describe })),
    );
  }
  const [name, positional] = [...verb.positionals][0] ?? [];
  return name === undefined ? [] : offered(positional, name, typed);
}

const version = ['version', { describe: 'The version of Slipway', alias: [], isFlag: true, choices: [] }] as const;

/** Options and words that name a run of this machine. */
const namesOfRuns: ReadonlySet<string> = new Set(['run', 'runs', 'resume']);

async function valuesOf(
  option: KnownOption | undefined,
  name: string,
  typed: string,
  before: readonly string[],
  { runs }: CompletionContext,
): Promise<readonly Candidate[]> {
  if (option === undefined) return [];
  if (option.choices.length > 0)
    return beginningWith(
      typed,
      option.choices.map((word) => ({ word, describe: '' })),
    );
  if (!namesOfRuns.has(name)) return [];
  const storage = before.flatMap((word, index) => givenTo('--storage', word, before.slice(index + 1))).at(-1);
  const named = new Set(before);
  return (await runs(typed, storage ?? null)).filter(({ word }) => !named.has(word));
}

/** What an option is given by a word and those behind it: bash hands `--storage=/data` as three words. */
function givenTo(option: string, word: string, [next = '', second = '']: readonly string[]): string[] {
  if (word.startsWith(`${option}=`)) return [word.slice(option.length + 1)];
  return word === option ? [next === '=' ? second : next] : [];
}

/** The option that a word is, in any of its spellings. */
function named(
  options: ReadonlyMap<string, KnownOption>,
  word: string | undefined,
): { readonly name: string; readonly known: KnownOption } | null {
  if (word === undefined || !word.startsWith('-')) return null;
  const name = word.replace(/^--?/, '');
  for (const [key, known] of options) {
    if ((word.startsWith('--') && key === name) || known.alias.includes(name)) return { name: key, known };
  }
  return null;
}

function optionWords(options: ReadonlyMap<string, KnownOption>): Candidate[] {
  return [...options].map(([name, { describe }]) => ({ word: `--${name}`, describe }));
}

function beginningWith(typed: string, candidates: readonly Candidate[]): Candidate[] {
  return candidates.filter(({ word }) => word.startsWith(typed));
}
