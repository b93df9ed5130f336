import { jsonText } from '../history/json-text.ts';
import { adoptionText, listMachine, type MachineList, type MachineRun, machineTable } from '../machine/index.ts';
import { canBeTyped } from '../report/printable-texts.ts';
import { type MachineVerb, withMachine } from './machine-verb.ts';

type Given = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** Carries out `slipway ps`. Resolves with the exit code. */
export function psAction(given: Given, environment: Environment, signal: AbortSignal): Promise<number> {
  return withMachine(given, environment, signal, async (machine) => {
    const { storages } = machine;
    const all = given.all === true;
    const list = await listMachine({ storages, isOnly: machine.isOnly, all, environment, signal });
    tell(list, machine);
    if (machine.isJson) machine.answer(jsonText(list.runs));
    else if (list.runs.length > 0) {
      const title = storages.length === 1 ? `storage ${storages[0]}` : `${storages.length} storages`;
      machine.answerTable(title, machineTable(list.runs, Date.now(), machine.look), hints(list.runs, machine));
    } else {
      const where = storages.join(', ') || 'no storage yet';
      machine.notice(
        `No run ${all ? 'lies here' : 'is at work on this machine or waits to be sent'} (${where}).${all ? '' : ` All of them: \`slipway ps --all\``}`,
      );
    }
    return 0;
  });
}

/** What a list alone does not say. */
function tell({ runs, adopted, unadopted, problem, hasNoEngine }: MachineList, machine: MachineVerb): void {
  if (adopted.length > 0) machine.notice(adoptionText(adopted));
  for (const text of unadopted) machine.warn(text);
  const needsEngine = runs.some(({ engine, state }) => engine === 'docker' && !isOver(state));
  // Whoever has no engine, and no run that needs one, knows that.
  if (problem !== null && (needsEngine || !hasNoEngine)) {
    machine.warn(`${problem.message} Containers without a run folder here are not listed.`);
  }
  for (const { runId, problem: damage } of runs) if (damage !== null) machine.warn(`Run ${runId}: ${damage}`);
  for (const { runId, state, isOwn, container } of runs) {
    if (state !== 'orphaned' || !isOwn) continue;
    const force = container === 'running' ? ['--force'] : [];
    const remove = machine.command('rm', ...force, runId);
    machine.warn(`The container of run ${runId} is left alone: its run folder is gone. To remove it: \`${remove}\``);
  }
}

/** What a person may want next with the newest run of their own. */
function hints(runs: readonly MachineRun[], { look, command }: MachineVerb): string[] {
  const line = (label: string, what: string): string => `${look.paint.faint(label.padEnd(9))}${what}`;
  const run = runs.find(({ isOwn, runDirectory }) => isOwn && runDirectory !== null);
  if (run === undefined) return [];
  const name = run.runName !== null && canBeTyped(run.runName) ? run.runName : run.runId;
  const verbs = run.isUnsent ? ['sync', 'logs'] : isOver(run.state) ? ['logs', 'rm'] : ['attach', 'logs', 'stop'];
  return verbs.map((verb) => line(verb, command(verb, name)));
}

function isOver(state: MachineRun['state']): boolean {
  return state === 'finished' || state === 'failed' || state === 'killed';
}
