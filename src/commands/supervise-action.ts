import { ExitCode, UsageError } from '../errors.ts';
import { adoptionText, installUnit, storagesToSearch, supervise, uninstallUnit } from '../machine/index.ts';
import { type MachineVerb, withMachine } from './machine-verb.ts';

type Given = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** Carries out `slipway supervise`. Resolves with the exit code. */
export function superviseAction(given: Given, environment: Environment, signal: AbortSignal): Promise<number> {
  return withMachine(given, environment, signal, async (machine) => {
    if (given.uninstall === true) return uninstall(machine);
    const seconds = Number(given.interval);
    if (!Number.isFinite(seconds) || seconds < 1) {
      throw new UsageError('--interval is not a number of seconds, 1 or more.', { hint: 'As in: `--interval 30`' });
    }
    const isOnly = typeof given.storage === 'string';
    if (given.install === true) {
      const only = isOnly ? ['--storage', machine.storageDirectory] : [];
      return install(machine, ['--interval', String(seconds), ...only]);
    }
    const storages = (): Promise<string[]> => storagesToSearch(machine.storageDirectory, { isOnly, environment });
    await supervise({
      only: isOnly ? machine.storageDirectory : null,
      storages,
      intervalMs: seconds * 1000,
      environment,
      signal,
      onBegin: () => {
        const where = machine.storages.join(', ') || 'storages that are yet to come';
        machine.notice(`Looks after the runs in ${where}, until it is ended.`);
      },
      onAdopted: (runIds) => machine.notice(adoptionText(runIds)),
      onWarning: machine.warn,
    });
    signal.throwIfAborted();
    return ExitCode.ok;
  });
}

/** @param options What the supervisor is to be told, as it was told here. */
async function install(machine: MachineVerb, options: readonly string[]): Promise<number> {
  const { file, isActive, notes } = await installUnit(machine.environment, options);
  machine.answer(`${isActive ? 'Installed and started' : 'Installed'}: ${file}`);
  for (const note of notes) machine.notice(note);
  return ExitCode.ok;
}

async function uninstall(machine: MachineVerb): Promise<number> {
  const end = await uninstallUnit(machine.environment);
  if (end === null) {
    machine.notice('There is no unit to remove.');
    return ExitCode.ok;
  }
  machine.answer(`Removed: ${end.file}`);
  for (const note of end.notes) machine.notice(note);
  return ExitCode.ok;
}
