/**
 * What is wrong with a name for a registered model, as a clause that continues `The name of the model `; null where
 * MLflow takes it (`_validate_model_name` in `mlflow/utils/validation.py`).
 */
export function modelNameProblem(name: string): string | null {
  if (typeof name !== 'string' || name.trim() === '') return 'is empty';
  return /[/:]/.test(name) ? `is ${JSON.stringify(name)}, but must have neither "/" nor ":"` : null;
}

/** The name with what MLflow refuses made dashes: for a model that nobody named. */
export function asModelName(name: string): string {
  return name.replace(/[/:]+/g, '-');
}
