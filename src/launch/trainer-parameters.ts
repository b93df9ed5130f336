import { UsageError } from '../errors.ts';
import {
  type EntryPoint,
  type PathContext,
  type ResolvedParameters,
  renderCommand,
  resolvePath,
} from '../project/index.ts';
import {
  checkTrainerCommand,
  isOwnTrainerCommand,
  isTrainerHere,
  namesConfigFile,
  trainerOptions,
  withDefaulted,
} from '../trainer-program/index.ts';
import { checkClassFiles } from './check-class-files.ts';

type Values = Readonly<Record<string, string>>;

/** What the trainer will be started with, and what is recorded of it. */
export interface TrainerCall {
  readonly command: string;
  readonly parameters: ResolvedParameters;
}

/**
 * The parameters of a run of our trainer: those of its command, as typed, and what the trainer takes from its
 * configuration file and its defaults. A default of the MLproject gives way to the file, in the command, too. The trainer
 * is asked on this machine, so that a wrong one ends the launch here; that of another clone of Slipway says it when it starts.
 * Throws UsageError in the trainer's words, or for a path below /storage that is not there.
 */
export async function askForParameters(
  given: ResolvedParameters,
  entryPoint: EntryPoint,
  context: PathContext & { readonly signal: AbortSignal; readonly variables?: Values },
): Promise<TrainerCall> {
  const { projectDirectory: directory, signal, variables = {} } = context;
  const asDeclared = renderCommand(entryPoint, given.values, given.undeclared);
  const yielding: ReadonlyMap<string, readonly string[]> = namesConfigFile(asDeclared)
    ? trainerOptions(entryPoint.command, given.defaulted)
    : new Map();
  const question = withDefaulted(asDeclared, [...yielding.values()].flat());
  // What a container is to keep apart from this machine is not run here to be asked for its parameters.
  const used = isTrainerHere(entryPoint.command, directory)
    ? await checkTrainerCommand(question, {
        ...{ directory, signal, variables },
        runsCode: !context.engineHasContainers,
      })
    : {};
  if (context.engineHasContainers && isOwnTrainerCommand(entryPoint.command, directory)) checkClassFiles(used);
  const { replaced, open } = replacedDefaults(given.logged, yielding, used);
  // The trainer takes names with dashes, too; its own spelling is the one that is compared between runs.
  const logged = Object.entries({ ...given.logged, ...replaced }).filter(([name]) => !open.has(name));
  const known = new Map(logged.map(([name, value]) => [asTrainerSpells(name, used), value]));
  const isTyped = new Set(
    logged.filter(([name]) => !Object.hasOwn(replaced, name)).map(([name]) => asTrainerSpells(name, used)),
  );
  const paths: Record<string, string> = {};
  for (const [name, value] of Object.entries(used)) {
    if (!isTyped.has(name)) paths[name] = realPath(name, value, context);
  }
  const values = Object.keys(replaced).map((name) => [name, paths[yielding.get(name)?.[0] ?? '']]);
  const command = renderCommand(entryPoint, { ...given.values, ...Object.fromEntries(values) }, given.undeclared);
  const declared = [...known].filter(([name]) => !Object.hasOwn(used, name));
  const trained = Object.entries(used).map(([name, value]) => [name, known.get(name) ?? value]);
  return {
    command: withDefaulted(
      command,
      [...open].flatMap((name) => yielding.get(name) ?? []),
    ),
    parameters: { ...given, logged: Object.fromEntries([...declared, ...trained]) },
  };
}

/**
 * The values by which the file replaced defaults, and the names of defaults of which only the trainer will know: those of
 * a command that a shell has to read, and of settings that have another name.
 */
function replacedDefaults(
  logged: Values,
  yielding: ReadonlyMap<string, readonly string[]>,
  used: Values,
): { readonly replaced: Values; readonly open: ReadonlySet<string> } {
  const replaced: Record<string, string> = {};
  const open = new Set<string>();
  for (const [name, options] of yielding) {
    const [option = '', ...others] = options;
    const value = Object.hasOwn(used, option) ? used[option] : undefined;
    if (value === undefined || others.length > 0) open.add(name);
    else if (!isSameValue(logged[name] ?? '', value)) replaced[name] = value;
  }
  return { replaced, open };
}

function isSameValue(text: string, value: string): boolean {
  if (text.toLowerCase() === value.toLowerCase()) return true;
  return text.trim() !== '' && value.trim() !== '' && Number(text) === Number(value);
}

function realPath(name: string, value: string, context: PathContext): string {
  const path = resolvePath('string', value, context);
  if ('value' in path) return path.value;
  const hint =
    path.place === undefined ? {} : { hint: `Put the file at ${path.place}, or change ${name} where it is set.` };
  throw new UsageError(`Parameter ${name} ${path.problem}.`, hint);
}

function asTrainerSpells(name: string, used: Values): string {
  const spelled = name.replaceAll('-', '_');
  return Object.hasOwn(used, spelled) ? spelled : name;
}
