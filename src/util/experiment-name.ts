/** Characters of the longest name (`MAX_EXPERIMENT_NAME_LENGTH` in `mlflow/utils/validation.py`). */
const longestName = 500;

/**
 * What is wrong with a name for an experiment, as a clause that continues `project_name `; null where MLflow takes it
 * (`_validate_experiment_name` in the same file).
 */
export function experimentNameProblem(name: unknown): string | null {
  if (name === null || (typeof name === 'string' && name.trim() === '')) return 'is empty';
  if (typeof name !== 'string') return 'must be a single text, the name of an experiment';
  const length = [...name].length;
  return length > longestName ? `has ${length} characters, and an experiment's name at most ${longestName}` : null;
}
