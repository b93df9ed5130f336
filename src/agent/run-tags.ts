import type { RunPlan } from '../runs/plan.ts';
import { quoteForShell } from '../util/index.ts';

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
    dirty: String(source.dirty),
    gpu: plan.gpus ?? 'none',
  };
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
  const tags: Record<string, string> = { 'mlflow.note.content': runNote(plan, image) };
  if (image !== null) {
    tags['mlflow.docker.image.uri'] = image.name;
    tags['mlflow.docker.image.id'] = image.id;
    tags.image = image.name;
  }
  return tags;
}

/** The run's note in Markdown: what it takes to know and to have this run again. */
export function runNote(plan: RunPlan, image: { name: string; id: string } | null): string {
  const { source } = plan;
  const commit = source.commit === null ? 'outside git' : `\`${source.commit.slice(0, 12)}\``;
  const state = source.dirty ? ' with uncommitted changes (see `source/changes.patch`)' : '';
  const lines = [
    `**${plan.project.name}**, entry point \`${plan.project.entryPoint}\`, launched by Slipway as \`${plan.runId}\`.`,
    '',
    `- Commit: ${commit}${state}${source.branch === null ? '' : `, branch \`${source.branch}\``}`,
    image === null ? '- Ran on the host, without a container' : `- Image: \`${image.name}\` (\`${shortId(image.id)}\`)`,
    `- GPU: ${plan.gpus ?? 'none asked for'}`,
    `- Machine: \`${plan.host.name}\``,
    '',
    source.commit === null ? 'Again, in the same folder:' : 'Again, from a clone of that commit:',
    '',
    '```sh',
    againCommand(plan),
    '```',
  ];
  return lines.join('\n');
}

function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}

/** One parameter a line: MLflow shows a long line cut. Those without a value are what they are without being given. */
function againCommand(plan: RunPlan): string {
  const lines = ['bin/slipway run .'];
  if (plan.project.entryPoint !== 'main') lines.push(`-e ${plan.project.entryPoint}`);
  for (const [key, value] of Object.entries(plan.parameters)) {
    if (value !== '') lines.push(`-P ${quoteForShell(`${key}=${value}`)}`);
  }
  if (plan.gpus !== null) lines.push(`--gpus ${quoteForShell(plan.gpus)}`);
  return lines.join(' \\\n  ');
}
