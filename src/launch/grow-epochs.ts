import { UsageError } from '../errors.ts';
import {
  type EntryPoint,
  findEntryPoint,
  loadProject,
  parseParameterArguments,
  renderCommand,
  resolveParameters,
} from '../project/index.ts';
import type { RunPlan } from '../runs/plan.ts';
import { quoteForShell } from '../util/index.ts';

/** What a resumed run is started with. */
export interface GrownEpochs {
  readonly parameters: Readonly<Record<string, string>>;
  readonly command: string;
}

/**
 * Command and parameters of the next attempt: those of the run, but for epochs where more are asked for.
 * Throws UsageError for any other parameter that differs, for epochs that are not more, and where the MLproject that is
 * here now would not make the run's own command.
 * @param given As `name=value`.
 */
export async function growEpochs(plan: RunPlan, given: readonly string[]): Promise<GrownEpochs> {
  const { epochs, ...others } = parseParameterArguments(given);
  for (const [name, value] of Object.entries(others)) checkSame(plan, name, value);
  if (epochs === undefined) return { parameters: { ...plan.parameters }, command: plan.project.command };
  checkMore(plan, epochs);
  const parameters = { ...plan.parameters, epochs };
  return { parameters, command: await commandWith(plan, parameters) };
}

function checkSame({ parameters, runName }: RunPlan, name: string, value: string): void {
  const recorded = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  if (recorded === value) return;
  const has = recorded === undefined ? 'has no parameter of that name' : `has ${recorded === '' ? 'none' : recorded}`;
  throw new UsageError(
    `Parameter ${name} is ${value}, but the run ${runName} ${has}, and goes on as it was launched.`,
    {
      hint: 'Only epochs may grow; for another value launch a run of its own.',
    },
  );
}

function checkMore({ parameters, runName }: RunPlan, epochs: string): void {
  const recorded = parameters.epochs;
  if (recorded === undefined) {
    throw new UsageError(`The run ${runName} has no parameter epochs, so that none can be added.`, {
      hint: 'Leave -P epochs away.',
    });
  }
  if (!/^\d+$/.test(epochs.trim())) throw new UsageError(`Parameter epochs is "${epochs}", but must be an integer.`);
  if (Number(epochs) > Number(recorded)) return;
  throw new UsageError(`Parameter epochs is ${epochs}, but must be more than the ${recorded} of the run ${runName}.`, {
    hint: `To go on up to epoch ${recorded}, leave it away.`,
  });
}

/** The run's command with other epochs and everything else as it is. */
async function commandWith(plan: RunPlan, parameters: Readonly<Record<string, string>>): Promise<string> {
  const { project, runName } = plan;
  const entryPoint = findEntryPoint(await loadProject(project.directory), project.entryPoint);
  const before = declaredPart(entryPoint, plan, plan.parameters);
  if (!project.command.startsWith(before)) {
    throw new UsageError(
      `The MLproject in ${project.directory} has changed since the run ${runName} was launched: its epochs cannot be changed with it.`,
      { hint: backHint(plan) },
    );
  }
  const rest = project.command.slice(before.length);
  const after = declaredPart(entryPoint, plan, parameters);
  if (after !== before) return `${after}${rest}`;
  const option = (value: string | undefined): string => ` --epochs ${quoteForShell(value ?? '')}`;
  const [old, grown] = [option(plan.parameters.epochs), option(parameters.epochs)];
  // Undeclared parameters follow the command; the program's own default stands nowhere.
  if (rest.endsWith(old)) return `${before}${rest.slice(0, -old.length)}${grown}`;
  return rest.includes(`${old} `)
    ? `${before}${rest.replace(`${old} `, () => `${grown} `)}`
    : `${before}${rest}${grown}`;
}

function declaredPart(entryPoint: EntryPoint, plan: RunPlan, all: Readonly<Record<string, string>>): string {
  // The trainer's parameters are recorded as it spells them.
  const recorded = (name: string): string | undefined =>
    [name, name.replaceAll('-', '_')].flatMap((spelled) => (Object.hasOwn(all, spelled) ? all[spelled] : [])).at(0);
  const declared = entryPoint.parameters.flatMap(({ name }) => {
    const value = recorded(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const { values } = resolveParameters(entryPoint, Object.fromEntries(declared), {
    strict: false,
    programTakes: () => true,
    projectDirectory: plan.project.directory,
    storageDirectory: plan.storage.directory,
    engineHasContainers: plan.engine === 'docker',
  });
  return renderCommand(entryPoint, values, []);
}

function backHint({ project, source }: RunPlan): string {
  const { commit } = source;
  if (commit === null) return 'Bring its files back as they were, or launch a run of its own.';
  return `\`git -C ${quoteForShell(project.directory)} checkout ${commit.slice(0, 12)}\``;
}
