import type { LaunchEvent } from '../events.ts';
import { formatWholeSeconds } from '../util/format.ts';
import { isShown } from '../util/verbosity.ts';
import { metricLine } from './metric-line.ts';
import { type MetricRow, MetricRows } from './metric-rows.ts';
import { PlainPace } from './plain-pace.ts';
import { type EventFormatters, format, type Reporter, type ReporterOptions } from './reporter.ts';
import { RunProgress } from './run-progress.ts';
import { runSummary } from './run-summary.ts';
import { createLines } from './shared-lines.ts';
import { printable, truncate } from './text-width.ts';
import { ToldReason } from './told-reason.ts';

const checkMs = 200;

/** What a step or a stage says of itself is cut to so many columns: a file has no width, and its reader has little patience. */
const longestLine = 100;

/** For a log file or a pipe: the same lines without redrawing, and news of what takes long now and then. */
export function createPlainReporter(options: ReporterOptions): Reporter {
  const { verbosity = 'normal', looks } = options;
  const { paint } = looks.stderr;
  const lines = createLines(looks.stderr, () => looks.stderr.columns, verbosity, options.rewrite);
  const isQuiet = verbosity === 'quiet';
  const rows = new MetricRows();
  const progress = new RunProgress();
  const pace = new PlainPace();
  const steps = new Map<string, { readonly title: string; readonly startedMs: number; text: string }>();
  const told = new ToldReason();

  const printAlways = (line: string) => void options.stderr.write(`${line}\n`);
  const print = (...texts: readonly string[]) => {
    if (!isQuiet) for (const text of texts) printAlways(text);
  };
  const printRow = (row: MetricRow | undefined) => {
    // A file has no width, so every metric is shown.
    if (row !== undefined) print(metricLine(row, progress.names, Number.POSITIVE_INFINITY, paint));
  };
  const printPendingRow = () => printRow(rows.take(Date.now(), true));
  const printStep = (id: string, elapsedMs?: number) => {
    const step = steps.get(id);
    if (step === undefined) return;
    const elapsed = elapsedMs === undefined ? '' : formatWholeSeconds(elapsedMs);
    const said = [truncate(step.text, longestLine - step.title.length - 4), elapsed].filter((part) => part !== '');
    print(paint.faint(`  ${step.title}: ${said.join('  ')}`));
  };
  const timer = setInterval(() => {
    const nowMs = Date.now();
    printRow(rows.take(nowMs));
    for (const id of pace.silentSteps(nowMs)) printStep(id, nowMs - (steps.get(id)?.startedMs ?? nowMs));
  }, checkMs);
  timer.unref();
  const endStep = (id: string) => {
    steps.delete(id);
    pace.end(id);
  };

  const formatters: EventFormatters = {
    'step-started': (event) => {
      steps.set(event.id, { title: event.title, startedMs: event.timeMs, text: '' });
      pace.start(event.id, event.timeMs);
    },
    'step-progress': (event) => {
      const step = steps.get(event.id);
      if (step === undefined) return;
      step.text = printable(event.text);
      if (isShown('verbose', verbosity)) print(...lines.stepLine(step.title, event));
      else if (pace.allowStep(event.id, event.timeMs)) printStep(event.id);
    },
    'step-finished': (event) => {
      endStep(event.id);
      print(lines.stepFinished(event));
    },
    'step-failed': (event) => {
      endStep(event.id);
      printAlways(lines.stepFailed(event));
    },
    notice: (event) => print(...lines.notice(event)),
    warning: (event) => lines.warning(event).forEach(printAlways),
    detail: (event) => print(...lines.detail(event)),
    debug: (event) => print(...lines.debug(event)),
    state: ({ state }) => {
      // Each state shows in the lines of its steps, or in the result.
      if (state === 'draining') printPendingRow();
    },
    registered: (event) => print(...lines.registered(event)),
    output: (event) => print(...lines.output(event)),
    metric: (event) => {
      progress.addMetric(event);
      printRow(rows.add(event, Date.now()));
    },
    progress: (event) => {
      progress.update(event);
      const line = progress.line(longestLine);
      if (line !== null && pace.allowProgress(event, progress.estimate.fraction)) print(paint.faint(`  ${line}`));
    },
    model: (event) => {
      printPendingRow();
      print(lines.model(event));
    },
    failure: (event) => {
      told.addFailure(event.message);
      lines.failure(event).forEach(printAlways);
    },
    result: ({ result }, original) => {
      printPendingRow();
      const summary = runSummary(result, {
        look: looks.stdout,
        reason: options.sharesDestination ? told.rest(result) : result.reason,
        stepWord: progress.names.word,
        next: isQuiet ? null : (options.nextStep?.(original.result) ?? null),
      });
      options.stdout.write(`${summary.join('\n')}\n`);
    },
  };

  return {
    sink: (event: LaunchEvent) => format(formatters, event),
    close: () => {
      clearInterval(timer);
      printPendingRow();
    },
  };
}
