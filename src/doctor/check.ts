import type { SlipwayError } from '../errors.ts';
import type { DoctorContext } from './context.ts';

/** The groups of checks, in the order in which they are shown, and their headings. */
export const groups = {
  project: 'Project',
  engine: 'Engine',
  gpu: 'GPU',
  node: 'Node.js',
  packages: 'npm packages',
  tensorflow: 'TensorFlow',
  storage: 'Storage',
  tracking: 'Tracking server',
  python: 'Python',
} as const;

export type Group = keyof typeof groups;

/** `skipped` is what could not be looked at, or what nobody needs here; the text says which. */
export type Status = 'fine' | 'warning' | 'broken' | 'skipped';

/** The one command that mends a thing. */
export interface Mend {
  /** As a person types it. */
  readonly command: string;
  /** True where `doctor --fix` may run it once the person has agreed: it takes nothing away and needs no other rights. */
  readonly isSafe: boolean;
  /** The same as words, for `--fix`; null where a person must run it. */
  readonly argv: readonly string[] | null;
}

/** What one look at a thing gives. */
export interface Outcome {
  readonly status: Status;
  /** One sentence or less, for a person. */
  readonly text: string;
  readonly mend: Mend | null;
  /** The same for a program: numbers with their unit in the name. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Why checks that rest on this one cannot be made; null where they can. */
  readonly blocks: string | null;
}

/** An outcome and what was looked at. */
export interface Finding extends Outcome {
  readonly id: string;
  readonly group: Group;
  readonly title: string;
  readonly durationMs: number;
  /** Id of the check that must succeed first; null where this one was made. */
  readonly blockedBy: string | null;
}

/** One thing that can be looked at. `run` may throw a SlipwayError, which then says what is broken. */
export interface Check {
  /** `<group>.<thing>`, for programs and tests. */
  readonly id: string;
  readonly group: Group;
  /** At most 16 characters: titles stand in a column. */
  readonly title: string;
  /** Ids of checks that must have succeeded before. */
  readonly needs?: readonly string[];
  /** How long it may take; default 20 s. */
  readonly timeoutMs?: number;
  run(context: DoctorContext, signal: AbortSignal): Promise<Outcome>;
}

type Facts = Readonly<Record<string, unknown>>;

/** What may be said beside an outcome's text. */
export interface More {
  readonly mend?: Mend | null;
  readonly facts?: Facts;
  readonly blocks?: string | null;
}

/** It is as it should be. */
export function fine(text: string, facts: Facts = {}): Outcome {
  return outcome('fine', text, { facts });
}

/** Runs go on, and a person should know. */
export function warning(text: string, more: More = {}): Outcome {
  return outcome('warning', text, more);
}

/** A run would fail. */
export function broken(text: string, more: More = {}): Outcome {
  return outcome('broken', text, more);
}

/** It could not be looked at, or nobody needs it here: the text says which. Checks that rest on it are skipped as well. */
export function skipped(text: string, more: More = {}): Outcome {
  return outcome('skipped', text, { blocks: `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`, ...more });
}

/** How the text of a check begins that could not be made; the reason follows. */
export const notChecked = 'Not checked: ';

/** It could not be looked at, because of something else. */
export function unchecked(reason: string): Outcome {
  return outcome('skipped', `${notChecked}${reason}`, { blocks: reason });
}

/** What a SlipwayError says and advises, as the text of an outcome. */
export function sentenceOf({ message, hint }: SlipwayError): string {
  const text = message.replace(/\.$/, '');
  return hint === undefined ? text : `${text}. ${hint}`;
}

/** A command that only a person may run: it needs other rights, takes something away, or has to be filled in. */
export function byHand(command: string): Mend {
  return { command, isSafe: false, argv: null };
}

/** Texts may hold what a program or a server said, which may be long and of many lines. */
const longestText = 500;

function outcome(status: Status, text: string, { mend = null, facts = {}, blocks = null }: More): Outcome {
  const line = text.trim().replace(/\s+/g, ' ');
  const shown = line.length <= longestText ? line : `${line.slice(0, longestText - 1)}…`;
  return { status, text: shown, mend, facts, blocks };
}
