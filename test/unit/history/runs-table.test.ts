import { describe, expect, it } from 'vitest';
import { primaryMetricOf, type RecordedRun, runsTable } from '../../../src/history/index.ts';
import { createLook } from '../../../src/report/look.ts';
import { textWidth } from '../../../src/report/text-width.ts';
import { recordedRun } from './recorded.ts';

const nowMs = 1_000_000 + 90 * 60_000;
const lookOf = (columns: number, environment: Record<string, string> = { NO_COLOR: '1' }, hyperlinks = false) =>
  createLook({ stream: { write: () => {}, isTTY: true, columns }, environment, hyperlinks });
const show = (runs: readonly RecordedRun[], columns = 200, primaryMetric: string | null = 'val_auc') =>
  runsTable(runs, { primaryMetric, nowMs }, lookOf(columns));

const measured = (val_auc: number, epochs: number, change: Partial<RecordedRun> = {}) =>
  recordedRun({
    metrics: { val_auc, val_loss: 1 - val_auc, test_accuracy: 0.9, learning_rate: 0.1, 'system/cpu': 3 },
    parameters: { epochs: String(epochs), seed: '1', run_name: `run ${epochs}` },
    ...change,
  });

describe('the table of runs', () => {
  it('shows what differs and marks the best, below each other', () => {
    expect(
      show([
        measured(0.8, 3),
        measured(0.95, 10, { status: 'KILLED', source: { ...recordedRun().source, isDirty: true } }),
        measured(0.9, 5, { runName: 'first', owner: 'grace' }),
      ]),
    ).toEqual([
      'name             id        state     age   took  val_auc   test_accuracy  val_loss   epochs  commit     who',
      'noble-whale-234  c05c2f26  finished  1 h  3.7 s   0.8000          0.9000    0.2000        3  b7ffa8ce   ada',
      'noble-whale-234  c05c2f26  killed    1 h  3.7 s   0.9500*         0.9000    0.0500*      10  b7ffa8ce+  ada',
      'first            c05c2f26  finished  1 h  3.7 s   0.9000          0.9000    0.1000        5  b7ffa8ce   grace',
    ]);
  });

  it.each([40, 60, 80, 120, 200])('is never wider than %i columns, and keeps what counts', (columns) => {
    const runs = [measured(0.8, 3), measured(0.9, 5), measured(0.7, 7, { runName: 'a-name-of-a-run '.repeat(8) })];
    const lines = show(runs, columns);
    // Below 60 columns what must stay no longer fits.
    if (columns >= 60) for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(columns);
    expect(lines[0]).toMatch(/^name .* id .* state .* age .*val_auc/);
    expect(lines[2]).toContain('0.9000*');
  });

  it('marks all of the equally good ones, and none where all are', () => {
    const lines = show([measured(0.9, 3), measured(0.9, 5), measured(0.8, 7)]);
    expect(lines.filter((line) => line.includes('0.9000*'))).toHaveLength(2);
    expect(show([measured(0.9, 3), measured(0.9, 5)]).join('\n')).not.toContain('*');
  });

  it('leaves columns out before it cuts a name', () => {
    const [, line] = show([measured(0.8, 3, { runName: 'eager-cormorant-325' })], 60);
    expect(line).toMatch(/^eager-cormorant-325 {2}c05c2f26 {2}finished /);
  });

  it('cuts a name where even what must stay would not fit', () => {
    const run = recordedRun({ runName: 'a-very-long-name-of-a-run-indeed', metrics: { val_accuracy: 0.5 } });
    const lines = show([run, { ...run, metrics: { val_accuracy: 0.6 } }], 60, 'val_accuracy');
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(60);
    expect(lines[2]).toMatch(/^a-very-long-.*… {2}c05c2f26 .*0\.6000\*$/);
  });

  it('takes runs that something else made, and values that are no numbers', () => {
    const foreign = recordedRun({
      runName: '',
      runId: null,
      startedAtMs: null,
      durationMs: null,
      owner: null,
      source: { ...recordedRun().source, commit: null },
      metrics: { val_auc: Number.NaN },
    });
    const deleted = measured(0.5, 1, { isDeleted: true, status: 'FAILED' });
    const [, first, second, third] = show([foreign, measured(Number.POSITIVE_INFINITY, 2), deleted]);
    expect(first).toMatch(/^ +c05c2f26 {2}finished +NaN/);
    expect(second).toContain('∞');
    expect(third).toMatch(/ deleted .* 0\.5000/);
  });

  it('marks nothing where there is nothing to compare', () => {
    expect(show([measured(0.8, 3)]).join('\n')).not.toContain('*');
    expect(show([recordedRun()], 200, null)).toEqual([
      'name             id        state     age   took  commit    who',
      'noble-whale-234  c05c2f26  finished  1 h  3.7 s  b7ffa8ce  ada',
    ]);
  });

  it('leads from each name to its page where the terminal knows links, and colours states', () => {
    const lines = runsTable([recordedRun({ status: 'FAILED' })], { primaryMetric: null, nowMs }, lookOf(80, {}, true));
    expect(lines[1]).toContain('\u001b]8;;http://mlflow.example/#/experiments/2/runs/');
    expect(lines[1]).toContain('\u001b[31mfailed');
  });
});

describe('the metric that is always shown', () => {
  const of = (...metrics: Record<string, number>[]) => metrics.map((each) => ({ metrics: each, parameters: {} }));

  it("is the project's, else a usual one, else the commonest", () => {
    expect(primaryMetricOf(of({ f1: 1, val_auc: 1 }), 'f1')).toBe('f1');
    expect(primaryMetricOf(of({ f2: 1, val_loss: 1 }), 'f1')).toBe('val_loss');
    expect(
      primaryMetricOf(of({ a: 1, b: 1 }, { b: 1, 'system/x': 1 }, { 'system/x': 1, learning_rate: 1 }), null),
    ).toBe('b');
    expect(primaryMetricOf(of({}, {}), null)).toBeNull();
  });

  it('calls a run that ended well and has diverged what it is', () => {
    const runs = [recordedRun({ diverged: 'step 2: loss is NaN' }), recordedRun({ status: 'FAILED', diverged: 'x' })];
    const look = createLook({ stream: { write: () => {} }, environment: {} });
    const lines = runsTable(runs, { primaryMetric: null, nowMs: 0 }, look);
    expect(lines[1]).toContain('  diverged  ');
    expect(lines[2]).toContain('  failed  ');
  });
});
