import type { LaunchEvent } from '../events.ts';
import { formatWholeSeconds } from '../util/format.ts';
import { isShown } from '../util/verbosity.ts';
import { type LiveLine, LiveScreen } from './live-screen.ts';
import { metricLine } from './metric-line.ts';
import { type MetricRow, MetricRows } from './metric-rows.ts';
import { MetricTable } from './metric-table.ts';
import { type EventFormatters, format, type Reporter, type ReporterOptions } from './reporter.ts';
import { RunProgress } from './run-progress.ts';
import { runSummary } from './run-summary.ts';
import { createLines } from './shared-lines.ts';
import { printable } from './text-width.ts';
import { ToldReason } from './told-reason.ts';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 100;

interface RunningStep {
  readonly title: string;
  readonly startedMs: number;
  text: string;
}

/** For a person at a terminal: lines that stay, and below them a live area that is redrawn in place. */
export function createTerminalReporter(options: ReporterOptions): Reporter {
  const { verbosity = 'normal', looks, reflows = true } = options;
  const { paint } = looks.stderr;
  const lines = createLines(looks.stderr, () => screen.columns - 1, verbosity, options.rewrite);
  const rows = new MetricRows();
  const table = new MetricTable(paint);
  const progress = new RunProgress();
  const steps = new Map<string, RunningStep>();
  const isQuiet = verbosity === 'quiet';
  let state: { readonly text: string; readonly sinceMs: number; readonly coversBar: boolean } | undefined;
  const told = new ToldReason();

  const screen = new LiveScreen(options.stderr, { columns: looks.stderr.columns, reflows, draw: drawLive });
  const printAlways = (...texts: readonly string[]) => {
    table.addLines(texts.length);
    for (const text of texts) screen.print(text);
  };
  const print = (...texts: readonly string[]) => {
    if (!isQuiet) printAlways(...texts);
  };
  const printRow = (row: MetricRow | undefined) => {
    if (row === undefined || isQuiet) return;
    const width = screen.columns - 1;
    if (row.isTest || row.isLate) print(metricLine(row, progress.names, width, paint));
    else for (const line of table.rows(row, progress.names, width)) screen.print(line);
  };
  const printPendingRow = () => printRow(rows.take(Date.now(), true));

  function drawLive(): LiveLine[] {
    const nowMs = Date.now();
    printRow(rows.take(nowMs));
    if (isQuiet) return [];
    const frame = frames[Math.floor(nowMs / frameMs) % frames.length]!;
    const live: LiveLine[] = [...steps.values()].map(({ title, startedMs, text }) => {
      return { text: `${frame} ${title}${elapsedText(nowMs - startedMs)}${text === '' ? '' : `  ${text}`}` };
    });
    const bar = state?.coversBar === true ? null : progress.line(screen.columns - 3);
    if (bar !== null) live.push({ text: `${frame} ${bar}`, paint: paint.accent });
    else if (state !== undefined && live.length === 0) {
      live.push({ text: `${frame} ${state.text}${elapsedText(nowMs - state.sinceMs)}`, paint: paint.accent });
    }
    return live;
  }

  const formatters: EventFormatters = {
    'step-started': (event) => {
      steps.set(event.id, { title: event.title, startedMs: event.timeMs, text: '' });
    },
    'step-progress': (event) => {
      const step = steps.get(event.id);
      if (step === undefined) return;
      step.text = printable(event.text);
      if (isShown('verbose', verbosity)) print(...lines.stepLine(step.title, event));
    },
    'step-finished': (event) => {
      steps.delete(event.id);
      print(lines.stepFinished(event));
    },
    'step-failed': (event) => {
      steps.delete(event.id);
      printAlways(lines.stepFailed(event));
    },
    notice: (event) => print(...lines.notice(event)),
    warning: (event) => printAlways(...lines.warning(event)),
    detail: (event) => print(...lines.detail(event)),
    debug: (event) => print(...lines.debug(event)),
    state: (event) => {
      if (event.state === 'draining') printPendingRow();
      const text = stateTexts[event.state];
      state = text === undefined ? undefined : { text, sinceMs: event.timeMs, coversBar: event.state !== 'running' };
    },
    registered: (event) => print(...lines.registered(event)),
    output: (event) => print(...lines.output(event)),
    metric: (event) => {
      progress.addMetric(event);
      printRow(rows.add(event, Date.now()));
    },
    progress: (event) => progress.update(event),
    model: (event) => {
      printPendingRow();
      print(lines.model(event));
    },
    failure: (event) => {
      told.addFailure(event.message);
      printAlways(...lines.failure(event));
    },
    result: ({ result }, original) => {
      printPendingRow();
      steps.clear();
      progress.estimate.clear();
      state = undefined;
      screen.clear();
      const summary = runSummary(result, {
        look: looks.stdout,
        reason: options.sharesDestination ? told.rest(result) : result.reason,
        stepWord: progress.names.word,
        next: isQuiet ? null : (options.nextStep?.(original.result) ?? null),
      });
      options.stdout.write(`\n${summary.join('\n')}\n`);
    },
  };

  return {
    sink: (event: LaunchEvent) => format(formatters, event),
    close: () => {
      printPendingRow();
      screen.close();
    },
  };
}

type State = Extract<LaunchEvent, { type: 'state' }>['state'];

/** What the person waits for in a state that has neither a step nor a bar. */
const stateTexts: Partial<Record<State, string>> = {
  running: 'running',
  stopping: 'stopping',
  draining: 'sending the last values',
};

function elapsedText(elapsedMs: number): string {
  return elapsedMs < 1000 ? '' : `  ${formatWholeSeconds(elapsedMs)}`;
}
