import type { RunResult } from '../events.ts';
import type { RunPlan } from '../runs/plan.ts';
import { escapeMarkdown, formatDuration, markdownBlock, markdownCode, quoteForShell } from '../util/index.ts';
import { packageRoot } from '../util/package-root.ts';

/** What the note tells beside the plan. */
export interface NoteFacts {
  readonly image: { readonly name: string; readonly id: string } | null;
  /** Tags that the program has logged: its threads, its device, that it diverged. */
  readonly tags: Readonly<Record<string, string>>;
  /** How it ended; null while it runs. */
  readonly result: Pick<RunResult, 'status' | 'exitCode' | 'reason' | 'durationMs'> | null;
}

/** The run's note in Markdown: what it takes to know and to have this run again. MLflow folds it after about five lines. */
export function runNote(plan: RunPlan, { image, tags, result }: NoteFacts): string {
  const { source } = plan;
  const commit = source.commit === null ? 'outside git' : markdownCode(source.commit.slice(0, 12));
  const state = source.dirty ? ' with uncommitted changes (see `source/changes.patch`)' : '';
  const { threads, device, diverged } = tags;
  const lines = [
    `**${escapeMarkdown(plan.project.name)}**, entry point ${markdownCode(plan.project.entryPoint)}, launched by Slipway as ${markdownCode(plan.runId)}.`,
    '',
    ...(result === null ? [] : [`- ${ending(result)}`]),
    ...(diverged === undefined ? [] : [`- **Diverged** in ${escapeMarkdown(diverged)}`]),
    `- Commit: ${commit}${state}${source.branch === null ? '' : `, branch ${markdownCode(source.branch)}`}`,
    `- ${where(plan, image)}`,
    `- GPU: ${escapeMarkdown(plan.gpus ?? 'none asked for')}${device === undefined ? '' : `; trained on: ${escapeMarkdown(device)}`}`,
    `- Machine: ${markdownCode(plan.host.name)}${threads === undefined ? '' : `, ${escapeMarkdown(threads)} threads`}`,
    '',
    source.commit === null ? 'Again, in the same folder:' : 'Again, from a clone of that commit:',
    '',
    ...markdownBlock('sh', [againCommand(plan)]),
  ];
  return lines.join('\n');
}

function where(plan: RunPlan, image: NoteFacts['image']): string {
  if (image !== null) return `Image: ${markdownCode(image.name)} (${markdownCode(shortId(image.id))})`;
  return plan.engine === 'host' ? 'Ran on the host, without a container' : 'Image: none was made';
}

function ending({ status, exitCode, reason, durationMs }: NonNullable<NoteFacts['result']>): string {
  const code = exitCode === null || exitCode === 0 ? '' : ` with exit code ${exitCode}`;
  const why = reason === null ? '' : `: ${escapeMarkdown(reason.split('\n', 1).join(''))}`;
  return `${status}${code} after ${formatDuration(durationMs)}${why}`;
}

function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}

/** How the launcher is called from the project's folder: a clone of Slipway has it in itself. */
export function slipwayOf(plan: RunPlan): string {
  return plan.project.directory === packageRoot() ? 'bin/slipway' : 'slipway';
}

/** One parameter a line: MLflow shows a long line cut. Those without a value are what they are without being given. */
export function againCommand(plan: RunPlan): string {
  const lines = [`${slipwayOf(plan)} run .`];
  if (plan.project.entryPoint !== 'main') lines.push(`-e ${quoteForShell(plan.project.entryPoint)}`);
  for (const [key, value] of Object.entries(plan.parameters)) {
    if (value !== '') lines.push(`-P ${quoteForShell(`${key}=${value}`)}`);
  }
  if (plan.gpus !== null) lines.push(`--gpus ${quoteForShell(plan.gpus)}`);
  return lines.join(' \\\n  ');
}
