import type { Project } from './project.ts';

/** The experiment that is meant: by its id or by its name; never both. */
export interface NamedExperiment {
  readonly experimentId: string | null;
  readonly experimentName: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;
type NamedProject = Pick<Project, 'name' | 'projectName'>;

/**
 * The experiment of a project's runs: the one that was named, else the one of MLflow's variables, else the project's own
 * (`projectName`: that of a configuration file, else of the MLproject).
 * Without a project, null where nothing names one.
 */
export function chooseExperiment(
  named: NamedExperiment,
  environment: Environment,
  project: NamedProject,
): NamedExperiment;
export function chooseExperiment(
  named: NamedExperiment,
  environment: Environment,
  project: NamedProject | null,
): NamedExperiment | null;
export function chooseExperiment(
  named: NamedExperiment,
  environment: Environment,
  project: NamedProject | null,
): NamedExperiment | null {
  const byName = (experimentName: string) => ({ experimentId: null, experimentName });
  if (named.experimentId !== null) return { experimentId: named.experimentId, experimentName: null };
  if (named.experimentName !== null) return byName(named.experimentName);
  if (environment.MLFLOW_EXPERIMENT_NAME) return byName(environment.MLFLOW_EXPERIMENT_NAME);
  if (environment.MLFLOW_EXPERIMENT_ID) {
    return { experimentId: environment.MLFLOW_EXPERIMENT_ID, experimentName: null };
  }
  return project === null ? null : byName(project.projectName ?? project.name);
}
