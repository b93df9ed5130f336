import type { RunResult } from '../events.ts';
import type { RunPlan } from '../runs/plan.ts';
import { escapeMarkdown, formatDuration, markdownBlock, markdownCode, sha256 } from '../util/index.ts';
import { isRemoteProject } from '../util/project-address.ts';
import { againCommand } from './again-command.ts';
import { cutText } from './cut-text.ts';
import type { RunContext } from './run-context.ts';

/** The tag that holds the note. */
export const noteTag = 'mlflow.note.content';

/** The longest value of a tag that every server of version 2 and later keeps whole. */
const longestNote = 5000;
/** Characters of a program's last lines that a note shows. */
export const longestLinesOfNote = 1500;
/** A fact that is longer, such as a reason, is cut: what cannot be cut must still have room. */
const longestFact = 200;

/** What the note tells beside the plan. */
export interface NoteFacts {
  readonly image: { readonly name: string; readonly id: string } | null;
  /** Tags that the program has logged: its threads, its device, that it diverged. */
  readonly tags: Readonly<Record<string, string>>;
  /** How it ended; null while it runs. */
  readonly result: Pick<RunResult, 'status' | 'exitCode' | 'reason' | 'durationMs'> | null;
  /** The last lines of a program that failed. */
  readonly lastLines?: string | null;
}

/**
 * The run's note in Markdown: what it takes to know and to have this run again. MLflow folds it after about five lines.
 * Long values are cut, so that servers take it.
 */
export function runNote(plan: RunPlan, { image, tags, result, lastLines = null }: NoteFacts): string {
  const { source } = plan;
  const commit = source.commit === null ? 'outside git' : markdownCode(source.commit.slice(0, 12));
  const state = source.dirty ? ' with uncommitted changes (see `source/changes.patch`)' : '';
  const { threads, device, diverged } = tags;
  const lines = [
    `**${fact(plan.project.name)}**, entry point ${code(plan.project.entryPoint)}, launched by Slipway as ${code(plan.runId)}.`,
    '',
    ...(result === null ? [] : [`- ${ending(result)}`]),
    ...(plan.attempt === 1 ? [] : [`- Resumed ${plan.attempt === 2 ? 'once' : `${plan.attempt - 1} times`}`]),
    ...(diverged === undefined ? [] : [`- **Diverged** in ${fact(diverged)}`]),
    `- Commit: ${commit}${state}${source.branch === null ? '' : `, branch ${code(source.branch)}`}`,
    `- ${where(plan, image)}`,
    `- GPU: ${fact(plan.gpus ?? 'none asked for')}${device === undefined ? '' : `; trained on: ${fact(device)}`}`,
    `- Machine: ${code(plan.host.name)}${threads === undefined ? '' : `, ${fact(threads)} threads`}`,
    '',
    ...(lastLines === null ? [] : ['Its last lines:', '', ...markdownBlock('text', [lastLines]), '']),
  ].join('\n');
  return `${lines}\n${again(plan, longestNote - lines.length - 1)}`;
}

/** Before a note is written: a later attempt knows by it that nobody else has changed the note since. */
export async function rememberNote(run: RunContext, note: string): Promise<void> {
  const digest = sha256(note);
  const { noteDigests } = run.record;
  if (!noteDigests.includes(digest)) await run.settle({ noteDigests: [...noteDigests, digest] });
}

/** Whether a note on the server is none, or one that was remembered. */
export function isOwnNote({ record }: RunContext, note: string | undefined): boolean {
  return note === undefined || note === '' || record.noteDigests.includes(sha256(note));
}

/** The command that has the run again, in at most so many characters. */
function again(plan: RunPlan, room: number): string {
  const isRemote = isRemoteProject(plan.project.uri);
  const place = isRemote
    ? 'from anywhere'
    : plan.source.commit === null
      ? 'in the same folder'
      : 'from a clone of that commit';
  const write = (command: string, more: string): string =>
    [`Again, ${place}${more}:`, '', ...markdownBlock('sh', [command])].join('\n');
  const cutNote = '; what is cut here (…) stands whole among the parameters';
  const { text, isWhole } = againCommand(plan, (command) => write(command, cutNote).length <= room);
  return write(text, isWhole ? '' : cutNote);
}

/** A name or another text of a person, as such: nothing in it is Markdown. */
function fact(text: string): string {
  let [kept, shown] = [longestFact, escapeMarkdown(cutText(text, longestFact))];
  // A sign may take five others to be shown as such.
  while (shown.length > 2 * longestFact) {
    kept = Math.floor(kept / 2);
    shown = escapeMarkdown(cutText(text, kept));
  }
  return shown;
}

function code(text: string): string {
  return markdownCode(cutText(text, longestFact));
}

function where(plan: RunPlan, image: NoteFacts['image']): string {
  if (image !== null) return `Image: ${code(image.name)} (${code(shortId(image.id))})`;
  return plan.engine === 'host' ? 'Ran on the host, without a container' : 'Image: none was made';
}

function ending({ status, exitCode, reason, durationMs }: NonNullable<NoteFacts['result']>): string {
  const exit = exitCode === null || exitCode === 0 ? '' : ` with exit code ${exitCode}`;
  const why = reason === null ? '' : `: ${fact(reason.split('\n', 1).join(''))}`;
  return `${status}${exit} after ${formatDuration(durationMs)}${why}`;
}

function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}
