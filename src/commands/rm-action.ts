import { ExitCode } from '../errors.ts';
import { jsonText } from '../history/json-text.ts';
import {
  type FoundContainers,
  findOwnRun,
  findRemains,
  findRunAmong,
  findRunAmongIfAny,
  findRunContainers,
  isOver,
  type Removed,
  removeRemains,
  removeRun,
  stopRun,
} from '../machine/index.ts';
import type { StoredRun } from '../runs/index.ts';
import { currentUser } from '../util/current-user.ts';
import { formatBytes } from '../util/format.ts';
import { type MachineVerb, withMachine } from './machine-verb.ts';
import { calledRun, runNames } from './run-names.ts';

type Given = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** Carries out `slipway rm`. Resolves with the exit code. */
export function rmAction(given: Given, environment: Environment, signal: AbortSignal): Promise<number> {
  return withMachine(given, environment, signal, async (machine) => {
    const force = given.force === true;
    const found = await findRunContainers(environment, signal);
    // All are found before one is removed: a slip removes nothing.
    const targets = new Map<string, () => Promise<Removed>>();
    for (const name of runNames(given)) {
      const { place, remove } = await targetOf(name, { force, found, machine });
      targets.set(place, remove);
    }
    const removed: Removed[] = [];
    try {
      for (const remove of targets.values()) {
        signal.throwIfAborted();
        const each = await remove();
        removed.push(each);
        if (!machine.isJson) machine.answer(removedText(each));
      }
    } finally {
      if (machine.isJson) machine.answer(jsonText(removed));
    }
    return ExitCode.ok;
  });
}

interface Removal {
  readonly force: boolean;
  readonly found: FoundContainers;
  readonly machine: MachineVerb;
}

interface Target {
  /** Tells it from others: two names may mean one run. */
  readonly place: string;
  readonly remove: () => Promise<Removed>;
}

/** What is to be removed by a name: a run folder with its container, or what is left of a run without one. */
async function targetOf(name: string, { force, found, machine }: Removal): Promise<Target> {
  const run = await findRunAmongIfAny(machine.storages, name);
  if (run === null) {
    const remains = await findRemains(name, found, machine.storages);
    // Throws that there is none.
    if (remains.length === 0) await findRunAmong(machine.storages, name);
    return { place: remains[0]?.runId ?? name, remove: () => removeRemains(remains, found, force) };
  }
  if (found.problem !== null && run.plan?.engine === 'docker' && !found.hasNoEngine) {
    machine.warn(
      `${found.problem.message} A container of run ${run.runId} would stay; \`slipway prune\` removes it later.`,
    );
  }
  const remove = async (): Promise<Removed> => {
    if (force && run.plan !== null && run.state !== null && !isOver(run)) await stopFirst(run, machine);
    return removeRun(run, { force, found });
  };
  return { place: run.paths.directory, remove };
}

async function stopFirst(run: StoredRun, machine: MachineVerb): Promise<void> {
  const own = await findOwnRun(machine.storages, run.runId);
  const { environment, signal, notice } = machine;
  const by = `by ${currentUser().name} with slipway rm`;
  await stopRun(own, { how: 'force', graceMs: null, by, environment, signal, onNotice: notice });
}

function removedText(removed: Removed): string {
  const { bytes, containers } = removed;
  const container = containers.length === 0 ? '' : `, container ${containers.join(', ')}`;
  return `Removed ${calledRun(removed)}: ${formatBytes(bytes)}${container}`;
}
