import { UsageError } from '../errors.ts';
import { type PathContext, type ResolvedParameters, resolvePath } from '../project/index.ts';
import { checkTrainerCommand } from '../trainer-program/index.ts';

/**
 * The parameters of a run of our trainer: those of its command, as typed, and what the trainer takes from its
 * configuration file and its defaults. The trainer is asked on this machine, so that a wrong one ends the launch here.
 * Throws UsageError in the trainer's words, or for a path below /storage that is not there.
 */
export async function askForParameters(
  given: ResolvedParameters,
  command: string,
  context: PathContext & { readonly signal: AbortSignal },
): Promise<ResolvedParameters> {
  const { projectDirectory: directory, signal } = context;
  // What a container is to keep apart from this machine is not run here to be asked for its parameters.
  const used = await checkTrainerCommand(command, { directory, signal, runsCode: !context.engineHasContainers });
  // The trainer takes names with dashes, too; its own spelling is the one that is compared between runs.
  const typed = new Map(Object.entries(given.logged).map(([name, value]) => [asTrainerSpells(name, used), value]));
  for (const [name, value] of Object.entries(used)) {
    if (typed.has(name)) continue;
    const path = resolvePath('string', value, context);
    if ('problem' in path) {
      const hint =
        path.place === undefined ? {} : { hint: `Put the file at ${path.place}, or change ${name} where it is set.` };
      throw new UsageError(`Parameter ${name} ${path.problem}.`, hint);
    }
  }
  const declared = [...typed].filter(([name]) => !Object.hasOwn(used, name));
  const trained = Object.entries(used).map(([name, value]) => [name, typed.get(name) ?? value]);
  return { ...given, logged: Object.fromEntries([...declared, ...trained]) };
}

function asTrainerSpells(name: string, used: Readonly<Record<string, string>>): string {
  const spelled = name.replaceAll('-', '_');
  return Object.hasOwn(used, spelled) ? spelled : name;
}
