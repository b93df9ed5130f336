import { createInterface } from 'node:readline/promises';
import { ExitCode, UsageError } from '../errors.ts';
import { jsonText } from '../history/json-text.ts';
import {
  carryOutPrune,
  findRunContainers,
  knownStorages,
  type PruneItem,
  type PruneKind,
  type PruneWishes,
  planPrune,
  pruneKinds,
  pruneTable,
} from '../machine/index.ts';
import { formatBytes } from '../util/format.ts';
import { type MachineVerb, withMachine } from './machine-verb.ts';

type Given = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** Carries out `slipway prune`. Resolves with the exit code. */
export function pruneAction(given: Given, environment: Environment, signal: AbortSignal): Promise<number> {
  return withMachine(given, environment, signal, async (machine) => {
    const wishes = wishesOf(given, Date.now());
    const items = await findItems(given, wishes, machine);
    const isDryRun = given['dry-run'] === true;
    if (!machine.isJson) showPlan(items, machine);
    if (items.length === 0 || isDryRun) {
      if (machine.isJson) machine.answer(jsonText({ items: items.map(described), removed: [], kept: [] }));
      return ExitCode.ok;
    }
    if (given.yes !== true && !(await isConfirmed(machine))) return ExitCode.ok;
    const { removed, kept } = await carryOutPrune(items, signal);
    signal.throwIfAborted();
    for (const { item, reason } of kept) machine.warn(`Not removed: ${item.kind} ${item.id}: ${reason}`);
    if (machine.isJson) {
      const reasons = kept.map(({ item, reason }) => ({ ...described(item), reason }));
      machine.answer(jsonText({ items: items.map(described), removed: removed.map(described), kept: reasons }));
    } else machine.answer(`Removed ${countText(removed)}`);
    return kept.length === 0 ? ExitCode.ok : ExitCode.failed;
  });
}

async function findItems(given: Given, wishes: PruneWishes, machine: MachineVerb): Promise<PruneItem[]> {
  const { environment, signal, storages } = machine;
  const found = await findRunContainers(environment, signal);
  if (found.problem !== null) {
    // What is asked for by its name must be had; else the rest goes on without an engine.
    if (given.images === true || given.containers === true) throw found.problem;
    if (!found.hasNoEngine) machine.warn(`${found.problem.message} Containers and images are not looked at.`);
  }
  const known = await knownStorages(environment);
  return planPrune({ storages, known, isOnly: machine.isOnly, found }, wishes);
}

function wishesOf(given: Given, nowMs: number): PruneWishes {
  const named = pruneKinds.filter((kind) => given[kind] === true);
  // Images are of no storage: where one is named, they are not meant with it.
  const usual: readonly PruneKind[] =
    typeof given.storage === 'string' ? ['runs', 'containers'] : ['runs', 'containers', 'images'];
  const keep = Number(given.keep);
  if (!Number.isInteger(keep) || keep < 0) {
    throw new UsageError('--keep is not a number of runs, 0 or more.', { hint: 'As in: `--keep 5`' });
  }
  return {
    kinds: new Set(named.length === 0 ? usual : named),
    olderThanMs: parseAge(String(given['older-than'])),
    keep,
    nowMs,
  };
}

const unitsMs: Readonly<Record<string, number>> = {
  ...{ s: 1000, m: 60_000, h: 3_600_000 },
  ...{ d: 86_400_000, w: 7 * 86_400_000, y: 365 * 86_400_000 },
};

/** An age such as `30d`, in milliseconds. Throws UsageError for anything else. */
export function parseAge(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([smhdwy])$/.exec(text.trim()) ?? [];
  const unitMs = unit === undefined ? undefined : unitsMs[unit];
  if (unitMs !== undefined) return Number(number) * unitMs;
  throw new UsageError(`--older-than is "${text}"; it must be a number and one of s, m, h, d, w, y.`, {
    hint: 'As in: `--older-than 30d`',
  });
}

function showPlan(items: readonly PruneItem[], machine: MachineVerb): void {
  if (items.length === 0) {
    machine.notice('Nothing of yours is to be removed. What counts: `slipway prune --help`');
    return;
  }
  machine.answerTable('To be removed:', pruneTable(items, Date.now(), machine.look), [countText(items)]);
}

/** Asks a person. Throws UsageError where there is nobody to ask. */
async function isConfirmed({ signal, isJson }: MachineVerb): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY || isJson) {
    throw new UsageError('Nothing is removed: nobody can be asked here.', {
      hint: 'To remove what is listed: `slipway prune --yes`, with the same options',
    });
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question('Remove them? [y/N] ', { signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    lines.close();
  }
}

/** `3 runs (1.2 GB), 1 image (up to 800 MB)`. */
function countText(items: readonly PruneItem[]): string {
  const kinds = ['run', 'container', 'image', 'cache'] as const;
  const parts = kinds.flatMap((kind) => {
    const some = items.filter((item) => item.kind === kind);
    if (some.length === 0) return [];
    const bytes = some.reduce((sum, item) => sum + item.bytes, 0);
    const size = kind === 'container' ? '' : ` (${kind === 'image' ? 'up to ' : ''}${formatBytes(bytes)})`;
    const word = kind === 'cache' ? (some.length === 1 ? 'cache entry' : 'cache entries') : plural(kind, some.length);
    return [`${some.length} ${word}${size}`];
  });
  return parts.join(', ') || 'nothing';
}

function plural(word: string, count: number): string {
  return count === 1 ? word : `${word}s`;
}

function described({ remove: _, ...item }: PruneItem): Omit<PruneItem, 'remove'> {
  return item;
}
