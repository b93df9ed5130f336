import type { RunResult } from '../events.ts';
import type { RunPlan } from '../runs/plan.ts';
import { formatDuration } from '../util/index.ts';
import { againCommand } from './again-command.ts';
import { cutText } from './cut-text.ts';

/** The longest value of a tag that every server of version 2 and later keeps whole. */
const longestNote = 5000;
/** A fact that is longer, such as a reason, is cut: what cannot be cut must still have room. */
const longestFact = 250;

/** What the note tells beside the plan. */
export interface NoteFacts {
  readonly image: { readonly name: string; readonly id: string } | null;
  /** Tags that the program has logged: its threads, its device, that it diverged. */
  readonly tags: Readonly<Record<string, string>>;
  /** How it ended; null while it runs. */
  readonly result: Pick<RunResult, 'status' | 'exitCode' | 'reason' | 'durationMs'> | null;
}

/**
 * The run's note in Markdown: what it takes to know and to have this run again. MLflow folds it after about five lines.
 * Long values are cut, so that servers take it.
 */
export function runNote(plan: RunPlan, { image, tags, result }: NoteFacts): string {
  const { source } = plan;
  const commit = source.commit === null ? 'outside git' : `\`${source.commit.slice(0, 12)}\``;
  const state = source.dirty ? ' with uncommitted changes (see `source/changes.patch`)' : '';
  const { threads, device, diverged } = tags;
  const entryPoint = fact(plan.project.entryPoint);
  const lines = [
    `**${fact(plan.project.name)}**, entry point \`${entryPoint}\`, launched by Slipway as \`${plan.runId}\`.`,
    '',
    ...(result === null ? [] : [`- ${ending(result)}`]),
    ...(diverged === undefined ? [] : [`- **Diverged** in ${fact(diverged)}`]),
    `- Commit: ${commit}${state}${source.branch === null ? '' : `, branch \`${fact(source.branch)}\``}`,
    `- ${where(plan, image)}`,
    `- GPU: ${fact(plan.gpus ?? 'none asked for')}${device === undefined ? '' : `; trained on: ${fact(device)}`}`,
    `- Machine: \`${fact(plan.host.name)}\`${threads === undefined ? '' : `, ${fact(threads)} threads`}`,
    '',
  ].join('\n');
  return `${lines}\n${again(plan, longestNote - lines.length - 1)}`;
}

/** The command that has the run again, in a fence that nothing in it can end, in at most so many characters. */
function again(plan: RunPlan, room: number): string {
  const place = plan.source.commit === null ? 'in the same folder' : 'from a clone of that commit';
  const write = (command: string, more: string): string => {
    const longestTicks = Math.max(2, ...(command.match(/`+/g) ?? []).map((ticks) => ticks.length));
    const fence = '`'.repeat(longestTicks + 1);
    return [`Again, ${place}${more}:`, '', `${fence}sh`, command, fence].join('\n');
  };
  const cutNote = '; what is cut here (…) stands whole among the parameters';
  const { text, isWhole } = againCommand(plan, (command) => write(command, cutNote).length <= room);
  return write(text, isWhole ? '' : cutNote);
}

function fact(text: string): string {
  return cutText(text, longestFact);
}

function where(plan: RunPlan, image: NoteFacts['image']): string {
  if (image !== null) return `Image: \`${fact(image.name)}\` (\`${shortId(image.id)}\`)`;
  return plan.engine === 'host' ? 'Ran on the host, without a container' : 'Image: none was made';
}

function ending({ status, exitCode, reason, durationMs }: NonNullable<NoteFacts['result']>): string {
  const code = exitCode === null || exitCode === 0 ? '' : ` with exit code ${exitCode}`;
  const why = reason === null ? '' : `: ${fact(reason.split('\n', 1).join(''))}`;
  return `${status}${code} after ${formatDuration(durationMs)}${why}`;
}

function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}
