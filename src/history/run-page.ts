import { historyLines } from '../report/history-lines.ts';
import type { Look } from '../report/look.ts';
import type { Paint } from '../report/paint.ts';
import { isPrintable, withPrintableTexts } from '../report/printable-texts.ts';
import { reasonLines } from '../report/reason-lines.ts';
import { wrap, wrapParts } from '../report/text-width.ts';
import { outputPartNumber } from '../runs/output-log.ts';
import { formatAge, formatDuration } from '../util/format.ts';
import { quoteForShell } from '../util/quote-for-shell.ts';
import type { RunDetails } from './run-details.ts';
import { artifactLines, metricTable, modelLines, parameterLines } from './run-page-parts.ts';
import { statusText } from './status-text.ts';

/** Columns before the text of a line: two, and the label. */
const indent = 13;
const fileColumns = 100;

export interface RunPageOptions {
  readonly look: Look;
  readonly nowMs: number;
  /** What to type for `slipway` where the person is. */
  readonly program: string;
}

/** All about one run as lines for a person; addresses and commands are never cut. */
export function runPage(known: RunDetails, { look, nowMs, program }: RunPageOptions): string[] {
  const details = withPrintableTexts(known);
  const { run, folder } = details;
  const { paint } = look;
  const columns = Number.isFinite(look.columns) ? look.columns : fileColumns;
  const room = columns - indent;
  const lines: string[] = [];
  const add = (label: string, ...values: readonly string[]): void => {
    for (const [index, value] of values.entries()) {
      lines.push(`  ${paint.faint((index === 0 ? label : '').padEnd(indent - 2))}${value}`.trimEnd());
    }
  };
  const addText = (label: string, text: string): void => add(label, ...wrap(text, room));
  const addParts = (label: string, parts: readonly string[]): void => add(label, ...wrapParts(parts, room));
  /** Lines below a title of their own, as wide as the terminal. */
  const addBlock = (title: string, block: readonly string[]): void => {
    if (block.length > 0) lines.push('', `  ${paint.faint(title)}`, ...block.map((line) => `    ${line}`.trimEnd()));
  };
  const inBlock: Look = { ...look, columns: look.columns - 4 };

  const state = statusText(run, look);
  // How it ended is one thing, that it diverged another: a line of its own tells it.
  const word = state.paint(paint.strong((run.isDeleted ? state.text : run.status).toUpperCase()));
  lines.push(`${word}  ${run.url === null ? run.runName : look.link(run.runName, run.url)}`);
  if (run.reason !== null) add('reason', ...reasonLines(run.reason, room));
  if (run.diverged !== null) addText('diverged', run.diverged);
  addParts('started', timeParts(run, nowMs));
  if (run.runId !== null) add('id', run.runId);
  if (run.mlflowRunId !== null) add('MLflow id', run.mlflowRunId);
  if (details.experimentName !== null) addText('experiment', details.experimentName);
  addParts('code', codeParts(run));
  addParts('ran', machineParts(run));
  if (run.image !== null) add('image', run.image);

  addBlock('parameters', parameterLines(details, inBlock, columns - 4));
  const stepWord = run.metrics.epoch_seconds === undefined ? 'step' : 'epoch';
  addBlock('metrics', metricTable(details, inBlock, stepWord));
  if (details.primaryMetric !== null) {
    lines.push('');
    add('history', ...historyLines(details.primaryMetric, room, look, stepWord));
  }
  addBlock('artifacts', artifactLines(details, paint, columns - 4));
  lines.push('');
  for (const [index, line] of modelLines(details, look).entries()) add(index === 0 ? 'models' : '', line);
  if (folder !== null) {
    add('folder', folder.directory);
    add('logs', ...shownLogs(folder.logs));
    if (folder.problem !== null) addText('problem', folder.problem);
  }
  addLinks(details, look, add);
  if (known.again !== null) add('again', ...againLines(known.again, run.source.commit, program, paint));
  return lines;
}

/** A long output has many parts: the first one of each stream leads to the others. */
function shownLogs(logs: readonly string[]): string[] {
  const first = logs.filter((log) => outputPartNumber(log) === 0);
  const more = logs.length - first.length;
  return more === 0
    ? first
    : [...first, `and ${more} more part${more === 1 ? '' : 's'} of the output in the same folder`];
}

function againLines(again: readonly string[], commit: string | null, program: string, paint: Paint): string[] {
  // Made safe to show, it would be another command.
  if (!again.every(isPrintable)) return [paint.faint('# its parameters hold characters that cannot be shown here')];
  const note = commit === null ? [] : [paint.faint(`# with ${commit.slice(0, 12)} checked out`)];
  return [...note, [program, ...again.map(quoteForShell)].join(' ')];
}

function timeParts({ startedAtMs, endedAtMs, durationMs, status }: RunDetails['run'], nowMs: number): string[] {
  if (startedAtMs === null) return ['not known'];
  return [
    `${localTime(startedAtMs)} (${formatAge(nowMs - startedAtMs)} ago)`,
    ...(durationMs === null ? [] : [`${endedAtMs === null ? 'so far' : 'took'} ${formatDuration(durationMs)}`]),
    ...(status === 'RUNNING' || endedAtMs !== null ? [] : ['end not known']),
  ];
}

/** `2026-11-21 03:45:12`, by the clock of this machine. */
function localTime(timeMs: number): string {
  const date = new Date(timeMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function codeParts({ source }: RunDetails['run']): string[] {
  const commit = source.commit === null ? 'no commit' : source.commit.slice(0, 12);
  const place = source.repositoryUrl ?? source.name;
  return [
    `${commit}${source.isDirty ? ' with uncommitted changes' : ''}`,
    ...(source.branch === null ? [] : [`branch ${source.branch}`]),
    ...(source.entryPoint === null || source.entryPoint === 'main' ? [] : [`entry point ${source.entryPoint}`]),
    ...(place === null ? [] : [place]),
  ];
}

function machineParts({ owner, host, engine, gpus }: RunDetails['run']): string[] {
  const parts = [
    ...(host === null ? [] : [`on ${host}`]),
    ...(owner === null ? [] : [`by ${owner}`]),
    ...(engine === null ? [] : [`engine ${engine}`]),
    ...(gpus === null ? [] : [`GPUs ${gpus}`]),
  ];
  return parts.length === 0 ? ['not known where'] : parts;
}

function addLinks(details: RunDetails, look: Look, add: (label: string, ...values: readonly string[]) => void): void {
  const links = [
    ['page', details.run.url],
    ['table', details.runsUrl],
    ['charts', details.chartsUrl],
  ] as const;
  const known = links.filter((link): link is readonly [(typeof links)[number][0], string] => link[1] !== null);
  if (known.length === 0) return;
  if (look.hasLinks) add('links', known.map(([text, url]) => look.link(text, url)).join(' · '));
  else for (const [text, url] of known) add(text, look.paint.accent(url));
}
