import { type LiveLine, LiveScreen, type ReportStream } from '../report/live-screen.ts';
import type { Look } from '../report/look.ts';
import { formatWholeSeconds } from '../util/format.ts';
import { type Check, type Finding, type Group, groups } from './check.ts';
import { groupLines } from './finding-lines.ts';
import type { RoundWatcher } from './runner.ts';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 100;

/** Shows a round of checks while it goes on. */
export interface DoctorScreen extends RoundWatcher {
  close(): void;
}

/**
 * Shows each group as soon as it and those before it are known, always in the same order. At a terminal, what still runs
 * stands below, with the time it has taken. `reflows` is whether it breaks lines when it gets narrower, and
 * `isQuiet` whether only what is not as it should be is shown.
 */
export function openDoctorScreen(
  stream: ReportStream,
  look: Look,
  checks: readonly Check[],
  { reflows = true, isQuiet = false }: { readonly reflows?: boolean; readonly isQuiet?: boolean } = {},
): DoctorScreen {
  const waiting = [...new Set(checks.map(({ group }) => group))];
  const findings = new Map<string, Finding>();
  const running = new Map<string, { readonly check: Check; readonly sinceMs: number }>();
  const screen = look.isTerminal ? new LiveScreen(stream, { columns: look.columns, reflows, draw: drawLive }) : null;
  const print = (lines: readonly string[]): void => {
    for (const line of lines)
      if (screen === null) stream.write(`${line}\n`);
      else screen.print(line);
  };

  function drawLive(): LiveLine[] {
    const nowMs = Date.now();
    const frame = frames[Math.floor(nowMs / frameMs) % frames.length] ?? '';
    return [...running.values()].map(({ check, sinceMs }) => {
      const elapsedMs = nowMs - sinceMs;
      const time = elapsedMs < 1000 ? '' : `  ${formatWholeSeconds(elapsedMs)}`;
      return { text: `${frame} ${groups[check.group]}: ${check.title}${time}`, paint: look.paint.accent };
    });
  }

  function printKnownGroups(): void {
    for (let group = waiting[0]; group !== undefined; group = waiting[0]) {
      const known = findingsOf(group);
      if (known === null) return;
      waiting.shift();
      const shown = isQuiet ? known.filter(({ status }) => status === 'broken' || status === 'warning') : known;
      if (shown.length > 0) print(groupLines(group, shown, look.paint, look.columns));
    }
  }

  /** In the order of the checks; null where one is not known yet. */
  function findingsOf(group: Group): Finding[] | null {
    const known = checks.filter((check) => check.group === group).map(({ id }) => findings.get(id));
    return known.every((finding) => finding !== undefined) ? known : null;
  }

  return {
    started: (check) => void running.set(check.id, { check, sinceMs: Date.now() }),
    ended: (finding) => {
      running.delete(finding.id);
      findings.set(finding.id, finding);
      printKnownGroups();
    },
    close: () => screen?.close(),
  };
}
