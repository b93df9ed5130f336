import { UsageError } from '../errors.ts';
import { closest, didYouMean } from '../util/closest.ts';
import { quoteForShell } from '../util/quote-for-shell.ts';

/** What a verb takes, as far as it is known where its words were found wrong. */
export interface VerbWords {
  /** The verb itself, or verb and action: `runs show`. */
  readonly verb: string;
  /** All words of the command line. */
  readonly words: readonly string[];
  /** Names of all options, without dashes. */
  readonly options: readonly string[];
  /** Names of what it takes beside options, in order. */
  readonly positionals: readonly string[];
  /** Words that stand for an action of the verb. */
  readonly actions: readonly string[];
}

/** What other programs call what stands below another verb here. */
const otherWords: Readonly<Record<string, string>> = { show: 'runs show', list: 'runs', ls: 'runs' };

/** The error for a first word that is no verb, and the words after it. */
export function unknownVerb(word: string, verbs: readonly string[], rest: readonly string[] = []): UsageError {
  const meant = Object.hasOwn(otherWords, word) ? otherWords[word] : undefined;
  if (meant !== undefined) {
    const hint = `\`${['slipway', meant, ...rest.map(quoteForShell)].join(' ')}\``;
    return new UsageError(`There is no command ${word}; did you mean ${meant}?`, { hint });
  }
  return new UsageError(`There is no command ${word}${didYouMean(word, verbs) || '.'}`, { hint: '`slipway --help`' });
}

/**
 * What yargs found wrong, as one sentence that names the option or word, what was expected, and what was probably meant.
 * yargs tells it as text alone; its English messages are pinned by a test.
 */
export function misuse(message: string, known: VerbWords): UsageError {
  const problem = message.split('\n').filter(Boolean).join(' ').trim();
  const hint = `\`slipway ${known.verb} --help\``;
  const explanation =
    unknownWords(problem, known) ?? missingValue(problem) ?? wrongChoice(problem, known) ?? missingWord(problem, known);
  if (explanation !== null) return new UsageError(explanation.text, { hint: explanation.hint ?? hint });
  const conflict = /^Arguments (\S+) and (\S+) are mutually exclusive$/.exec(problem);
  if (conflict !== null) {
    return new UsageError(`--${conflict[1]} and --${conflict[2]} exclude each other.`, { hint: 'Give one of them.' });
  }
  return new UsageError(/[.?!]$/.test(problem) ? problem : `${problem}.`, { hint });
}

interface Explanation {
  readonly text: string;
  readonly hint?: string;
}

function unknownWords(problem: string, known: VerbWords): Explanation | null {
  const names = /^Unknown (?:argument|command)s?: (.*)$/.exec(problem)?.[1]?.split(', ');
  if (names === undefined) return null;
  const [name = ''] = names;
  // yargs names options without their dashes, and other words as they are: one that is no option has its own look.
  const typed = known.words.find((word) => new RegExp(`^--?(no-)?${escaped(name)}(=|$)`).test(word));
  if (typed !== undefined) {
    // One letter is near to any other.
    const near = name.length === 1 ? '' : didYouMean(name, known.options).replace('mean ', 'mean --');
    return { text: `\`slipway ${known.verb}\` has no option ${typed.split('=')[0]}${near || '.'}` };
  }
  if (known.actions.length > 0) {
    const near = didYouMean(name, known.actions);
    return {
      text: `\`slipway ${known.verb}\` does not know what to do with "${name}"${near || '.'}`,
      ...shownRun(known, name),
    };
  }
  const takes =
    known.positionals.length === 0 ? 'takes options only' : `takes only ${known.positionals.map(one).join(' and ')}`;
  const parameter = /^[\w-]+=/.test(name) ? { hint: `Parameters are given with -P, as in: \`-P ${name}\`` } : {};
  return { text: `\`slipway ${known.verb}\` ${takes}, and "${name}" is one word too many.`, ...parameter };
}

/** Who names a run after `runs` wants to see it. */
function shownRun({ verb, actions }: VerbWords, run: string): { readonly hint?: string } {
  if (!actions.includes('show') || closest(run, actions) !== undefined) return {};
  return { hint: `To see one run: \`slipway ${verb} show ${quoteForShell(run)}\`` };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function missingValue(problem: string): Explanation | null {
  const name = /^(?:Not enough arguments following|Missing argument values?): (\S+)$/.exec(problem)?.[1];
  if (name === undefined) return null;
  const example = name === 'P' || name === 'parameter' ? { hint: 'As in: `-P epochs=3`' } : {};
  return { text: `The option ${name.length === 1 ? '-' : '--'}${name} needs a value.`, ...example };
}

function wrongChoice(problem: string, { positionals }: VerbWords): Explanation | null {
  const found = /Argument: (\S+), Given: "(.*?)", Choices: (.*)$/.exec(problem);
  if (found === null) return null;
  const [, name = '', given = '', list = ''] = found;
  const choices = [...list.matchAll(/"(.*?)"/g)].map(([, choice]) => choice!);
  const near = didYouMean(given, choices) || '.';
  const subject = positionals.includes(name) ? `The ${name}` : `--${name}`;
  return { text: `${subject} is ${given}, but must be one of ${choices.join(', ')}${near}` };
}

function missingWord(problem: string, { verb, positionals }: VerbWords): Explanation | null {
  const counts = /^Not enough non-option arguments: got (\d+), need at least/.exec(problem);
  if (counts === null) return null;
  const missing = positionals[Number(counts[1])] ?? 'word';
  return { text: `\`slipway ${verb}\` needs ${one(missing)}.` };
}

/** `a run`, also where several may be named (`runs`); `an action`. */
function one(name: string): string {
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name.replace(/s$/, '')}`;
}
