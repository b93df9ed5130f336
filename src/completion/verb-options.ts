/** What completion knows of an option or a word of a verb, as the verb's builder says it. */
export interface KnownOption {
  readonly describe: string;
  readonly alias: readonly string[];
  readonly isFlag: boolean;
  readonly choices: readonly string[];
}

/** What a verb takes. */
export interface KnownVerb {
  readonly describe: string;
  /** By name, without dashes. */
  readonly options: ReadonlyMap<string, KnownOption>;
  /** Of the words beside options, in order. */
  readonly positionals: ReadonlyMap<string, KnownOption>;
  /** Its actions, such as `show` of `runs`. */
  readonly actions: ReadonlyMap<string, KnownVerb>;
}

/** A verb as yargs is given it; only what completion looks at. */
export interface VerbModule {
  readonly command?: unknown;
  readonly describe?: unknown;
  readonly builder?: unknown;
}

interface Specification {
  readonly describe?: string;
  readonly alias?: string | readonly string[];
  readonly type?: string;
  readonly choices?: readonly unknown[];
}

/**
 * What a verb takes, found by handing its builder something that only listens: loading yargs would take longer than all the
 * rest of a completion.
 */
export function knownVerb({ describe, builder }: VerbModule): KnownVerb {
  const options = new Map<string, KnownOption>();
  const positionals = new Map<string, KnownOption>();
  const actions = new Map<string, KnownVerb>();
  const listeners: Readonly<Record<string, (...given: never[]) => void>> = {
    option: (name: string, given: Specification) => void options.set(name, known(given)),
    options: (all: Readonly<Record<string, Specification>>) => {
      for (const [name, given] of Object.entries(all)) options.set(name, known(given));
    },
    positional: (name: string, given: Specification) => void positionals.set(name, known(given)),
    command: (action: VerbModule) => void actions.set(firstWord(action), knownVerb(action)),
  };
  const listening: unknown = new Proxy(
    {},
    {
      get: (_, name: string) =>
        name === 'then'
          ? undefined
          : (...given: never[]) => {
              listeners[name]?.(...given);
              return listening;
            },
    },
  );
  if (typeof builder === 'function') (builder as (parser: unknown) => unknown)(listening);
  return { describe: text(describe), options, positionals, actions };
}

/** The word by which a verb or an action is called: `show` of `show <run>`. */
export function firstWord({ command }: VerbModule): string {
  return text(command).split(' ')[0] ?? '';
}

function known({ describe, alias = [], type, choices = [] }: Specification): KnownOption {
  return {
    describe: describe ?? '',
    alias: typeof alias === 'string' ? [alias] : alias,
    isFlag: type === 'boolean',
    choices: choices.map(String),
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
