import { planOptions } from '../runs/index.ts';
import type { RunPlan } from '../runs/plan.ts';
import { quoteForShell } from '../util/index.ts';
import { packageRoot } from '../util/package-root.ts';
import { isRemoteProject } from '../util/project-address.ts';
import { cutText } from './cut-text.ts';

/** The command that has a run again. */
export interface AgainCommand {
  /** One option a line: MLflow shows a long line cut. */
  readonly text: string;
  /** False where values were cut or left out, so that it cannot be copied as it stands. */
  readonly isWhole: boolean;
}

/** Values are cut to the first of these lengths with which the command fits. */
const valueLengths = [Number.POSITIVE_INFINITY, 1000, 300, 100, 40] as const;

/** How the launcher is called from the project's folder: a clone of Slipway has it in itself. */
export function slipwayOf(plan: RunPlan): string {
  return plan.project.directory === packageRoot() ? 'bin/slipway' : 'slipway';
}

/**
 * The command that starts the same run from the project's folder, as much of it as fits. Parameters without a value are
 * what they are without being given.
 */
export function againCommand(plan: RunPlan, fits: (command: string) => boolean): AgainCommand {
  for (const length of valueLengths) {
    const text = commandOf(plan, length, Number.POSITIVE_INFINITY);
    if (fits(text)) return { text, isWhole: length === Number.POSITIVE_INFINITY };
  }
  const shortest = valueLengths.at(-1) ?? 0;
  let kept = givenParameters(plan).length;
  while (kept > 0 && !fits(commandOf(plan, shortest, kept))) kept -= 1;
  return { text: commandOf(plan, shortest, kept), isWhole: false };
}

function commandOf(plan: RunPlan, longestValue: number, mostParameters: number): string {
  const { project, tracking, engine, gpus } = plan;
  const cut = (value: string): string => quoteForShell(cutText(value, longestValue));
  const parameters = givenParameters(plan);
  const left = parameters.length - mostParameters;
  return [
    `${slipwayOf(plan)} run ${placeOf(plan)}`,
    ...(project.entryPoint === 'main' ? [] : [`-e ${cut(project.entryPoint)}`]),
    ...parameters
      .slice(0, mostParameters)
      .map(([key, value]) => `-P ${quoteForShell(`${key}=${cutText(value, longestValue)}`)}`),
    ...experimentOption(tracking, project.name).map((words) => `--${words[0]} ${cut(words[1])}`),
    ...(engine === 'host' ? ['--engine host'] : []),
    ...(gpus === null ? [] : [`--gpus ${cut(gpus)}`]),
    ...planOptions(plan).map(([option, value]) => `--${option} ${cut(value)}`),
    ...(left > 0 ? [`# … and ${left} more parameters`] : []),
  ].join(' \\\n  ');
}

/** The project's folder is where it is typed; a repository is named, with the very commit that ran. */
function placeOf({ project, source }: RunPlan): string {
  if (!isRemoteProject(project.uri)) return '.';
  const version = source.commit ?? project.version;
  return `${quoteForShell(project.uri)}${version === null ? '' : ` --version ${quoteForShell(version)}`}`;
}

function givenParameters({ parameters }: RunPlan): [string, string][] {
  return Object.entries(parameters).filter(([, value]) => value !== '');
}

/** What names the run's experiment, where it is not the one that the project has by itself. */
function experimentOption(
  { experimentName, experimentId }: RunPlan['tracking'],
  projectName: string,
): (readonly [option: string, value: string])[] {
  if (experimentId !== null) return [['experiment-id', experimentId]];
  return experimentName === null || experimentName === projectName ? [] : [['experiment-name', experimentName]];
}
