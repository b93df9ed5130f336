import type { RunPlan } from '../runs/plan.ts';
import { noteTag, runNote } from './run-note.ts';

/** How often a run was resumed. */
export const resumedTag = 'slipway.resumed';

/** The tag of a run that was made because the server had lost the one of this id. */
export const replacesTag = 'slipway.replaces';

/** Tags of the run as `mlflow run` sets them, with what the UI shows nowhere else repeated as plain tags. */
export function tagsAtCreation(plan: RunPlan): Record<string, string> {
  const { source, project } = plan;
  const tags: Record<string, string> = {
    'mlflow.user': plan.owner.name,
    'mlflow.source.name': project.uri,
    'mlflow.source.type': 'PROJECT',
    'mlflow.project.entryPoint': project.entryPoint,
    'mlflow.project.backend': 'local',
    'mlflow.project.env': plan.engine === 'docker' ? 'docker' : 'system',
    'slipway.id': plan.runId,
    'slipway.engine': plan.engine,
    'slipway.host': plan.host.name,
    host: plan.host.name,
    dirty: String(source.dirty),
    gpu: plan.gpus ?? 'none',
  };
  if (project.version !== null) tags['slipway.project_version'] = project.version;
  if (plan.attempt > 1) tags[resumedTag] = String(plan.attempt - 1);
  if (source.commit !== null) {
    tags['mlflow.source.git.commit'] = source.commit;
    tags['mlflow.source.git.dirty'] = String(source.dirty);
  }
  if (source.branch !== null) {
    tags['mlflow.source.git.branch'] = source.branch;
    tags['mlflow.gitBranchName'] = source.branch;
  }
  if (source.repositoryUrl !== null) {
    tags['mlflow.source.git.repoURL'] = source.repositoryUrl;
    tags['mlflow.gitRepoURL'] = source.repositoryUrl;
  }
  return { ...tags, ...plan.tags };
}

/** Tags known once the image is there. */
export function tagsOfImage(plan: RunPlan, image: { name: string; id: string } | null): Record<string, string> {
  const tags: Record<string, string> = { [noteTag]: runNote(plan, { image, tags: {}, result: null }) };
  if (image !== null) {
    tags['mlflow.docker.image.uri'] = image.name;
    tags['mlflow.docker.image.id'] = image.id;
    tags.image = image.name;
  }
  return tags;
}
