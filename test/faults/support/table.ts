import { writeFileSync } from 'node:fs';
import type { RowOutcome } from './run-row.ts';

const heads = ['fault', 'promise', 'values written', 'on the server', 'doubles', 'status', 'seconds to settle', 'held'];

/** The table as Markdown, and below it what was broken and what could not be run. */
export function faultTable(outcomes: readonly RowOutcome[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const run = outcomes.filter(({ skipped }) => skipped === null);
  const rows = run.map(({ row, written, onServer, doubles, status, settledSeconds, problems }) =>
    line([
      row.fault,
      row.promise,
      ...[written, onServer, doubles].map(String),
      status,
      settledSeconds === null ? 'never' : settledSeconds.toFixed(1),
      problems.length === 0 ? 'yes' : 'NO',
    ]),
  );
  const broken = run.filter(({ problems }) => problems.length > 0);
  const notRun = outcomes.filter(({ skipped }) => skipped !== null);
  return [
    line(heads),
    line(heads.map(() => '---')),
    ...rows,
    '',
    `${run.length - broken.length} of ${run.length} rows hold.`,
    ...broken.flatMap(({ row, problems }) => ['', `${row.name}:`, ...problems.map(indented)]),
    ...notRun.map(({ row, skipped }) => `\nnot run: ${row.name}: ${skipped}`),
    '',
  ].join('\n');
}

function indented(text: string): string {
  return `- ${text.trim().replaceAll('\n', '\n    ')}`;
}

/** Writes the table anew: whatever ends the rows early, what was found until then stands there. */
export function writeTable(file: string, outcomes: readonly RowOutcome[]): void {
  writeFileSync(file, faultTable(outcomes));
}
