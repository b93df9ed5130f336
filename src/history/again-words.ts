import { existsSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';
import { errorCode, UsageError } from '../errors.ts';
import { loadProjectIfAny, type Project } from '../project/index.ts';
import type { RunPlan } from '../runs/plan.ts';
import { planOptions } from '../runs/plan-options.ts';
import { optionWords } from '../util/option-words.ts';
import { isRemoteProject } from '../util/project-address.ts';
import type { RunDetails } from './run-details.ts';

/** What the project of a run, where it is on this machine, adds to what is known of it. */
export interface ProjectKnowledge {
  readonly defaultParameters: readonly string[] | null;
  readonly programParameters: readonly string[];
  readonly again: readonly string[] | null;
}

/**
 * Which parameters of a run have their default values, and the words that run it again: the project's own folder where
 * it is here, else this one. Null for a run that Slipway did not make.
 * @param experimentName The run's experiment; null where that is not known.
 * @param plan The run's plan, where its folder is here: what the server does not know of it.
 */
export async function projectKnowledge(
  run: RunDetails['run'],
  experimentName: string | null,
  directory: string,
  plan: RunPlan | null,
): Promise<ProjectKnowledge> {
  if (run.runId === null) return { defaultParameters: null, programParameters: [], again: null };
  const { name } = run.source;
  const address = name !== null && isRemoteProject(name) ? name : null;
  const clone = address === null ? undefined : plan?.project.directory;
  const folder = clone ?? (name !== null && isAbsolute(name) && existsSync(name) ? name : directory);
  const entryPoint = run.source.entryPoint ?? 'main';
  // Nothing here tells what a project of a repository declares where its clone is not.
  const project = address !== null && clone === undefined ? null : await projectOf(folder);
  const parameters = project?.entryPoints[entryPoint]?.parameters;
  const declared = parameters === undefined ? null : new Map(parameters.map((each) => [each.name, each.default]));
  const isDefault = (key: string): boolean => declared?.get(key) === run.parameters[key];
  const isDeclared = (key: string): boolean => declared === null || declared.has(key);
  const keys = Object.keys(run.parameters);
  const given = keys.filter((key) => isDeclared(key) && !isDefault(key) && run.parameters[key] !== '');
  const usual = project === null ? null : (project.projectName ?? project.name);
  return {
    defaultParameters: declared === null ? null : keys.filter(isDefault),
    programParameters: keys.filter((key) => !isDeclared(key)),
    again: [
      'run',
      ...(address === null ? [pathFrom(directory, folder)] : [address, ...versionWords(run.source.commit)]),
      ...(entryPoint === 'main' ? [] : ['-e', entryPoint]),
      ...given.flatMap((key) => ['-P', `${key}=${run.parameters[key]}`]),
      ...experimentWords(experimentName, usual, plan),
      ...(run.engine === 'host' ? ['--engine', 'host'] : []),
      ...(run.gpus === null ? [] : ['--gpus', run.gpus]),
      ...(plan === null ? [] : planOptions(plan).flatMap(([option, value]) => optionWords(option, value))),
    ],
  };
}

/** The very commit that ran. */
function versionWords(commit: string | null): string[] {
  return commit === null ? [] : optionWords('version', commit);
}

/** Of a run that no server took its plan alone knows where it was to be. */
function experimentWords(experimentName: string | null, usual: string | null, plan: RunPlan | null): string[] {
  const name = experimentName ?? plan?.tracking.experimentName ?? null;
  const id = plan?.tracking.experimentId ?? null;
  if (name === null && id !== null) return optionWords('experiment-id', id);
  return name === null || name === usual ? [] : optionWords('experiment-name', name);
}

function pathFrom(directory: string, folder: string): string {
  const below = relative(directory, folder);
  if (below === '') return '.';
  return below.startsWith('..') ? folder : below;
}

/** The project of a folder; null where there is none that can be read. */
async function projectOf(folder: string): Promise<Project | null> {
  try {
    return await loadProjectIfAny(folder);
  } catch (error) {
    // A project that has changed since is no reason not to show its runs.
    if (error instanceof UsageError || errorCode(error) !== undefined) return null;
    throw error;
  }
}
