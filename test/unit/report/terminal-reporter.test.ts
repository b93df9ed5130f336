import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { finished, probe, type ReportProbe, screenOf } from './fake-stream.ts';

let terminal: ReportProbe;

beforeEach(() => {
  vi.useFakeTimers();
  terminal = probe({ mode: 'terminal', sharesDestination: true });
});

afterEach(() => {
  terminal.close();
  vi.useRealTimers();
});

/** The screen after the next redraw. */
function redrawn(): string[] {
  vi.advanceTimersByTime(100);
  return screenOf(terminal.stderr.text).lines;
}

describe('the reporter for a terminal', () => {
  it('shows a running step with its last progress, and turns it into a tick in its place', () => {
    terminal.send({ type: 'step-started', id: 'a', title: 'image cells:1' });
    terminal.send(
      { type: 'step-progress', id: 'a', text: 'Step 1/9' },
      { type: 'step-progress', id: 'a', text: 'Step 2/9' },
    );
    expect(redrawn()).toEqual([expect.stringMatching(/^\S image cells:1 {2}Step 2\/9$/)]);
    expect(screenOf(terminal.stderr.text).cursorVisible).toBe(false);

    terminal.send({ type: 'step-finished', id: 'a', title: 'image cells:1a', durationMs: 12_300 });
    terminal.send({ type: 'step-finished', id: 'b', title: 'server', durationMs: 5, reused: true });
    expect(redrawn()).toEqual(['✓ image cells:1a  12 s', '✓ server  reused  5 ms', '']);
    expect(screenOf(terminal.stderr.text).cursorVisible).toBe(true);
  });

  it('keeps several live lines below lines that stay', () => {
    terminal.send({ type: 'step-started', id: 'a', title: 'one' }, { type: 'step-started', id: 'b', title: 'two' });
    redrawn();
    terminal.send({ type: 'output', stream: 'stdout', line: 'from the program' }, { type: 'notice', text: 'so be it' });
    const lines = redrawn();
    expect(lines.slice(0, 2)).toEqual(['from the program', '• so be it']);
    expect(lines.slice(2).map((line) => line.slice(2))).toEqual(['one', 'two']);
  });

  it('wraps sentences of the program between words, and leaves what stands in columns as it is', () => {
    const sentence = `diverged: ${'word '.repeat(20)}Try a smaller learning_rate.`;
    const table = `epoch  loss  ${'accuracy  '.repeat(12)}`.trimEnd();
    for (const line of [sentence, table]) terminal.send({ type: 'output', stream: 'stderr', line });
    const written = terminal.stderr.text;
    vi.advanceTimersByTime(100);
    const lines = terminal.stderr.text.slice(written.length).split('\n');
    const end = lines.findIndex((line) => line.endsWith('learning_rate.'));
    for (const line of lines.slice(0, end + 1)) expect(line.length).toBeLessThan(80);
    expect(
      lines
        .slice(0, end + 1)
        .join(' ')
        .replaceAll('\u001b[?25l', ''),
    ).toBe(sentence);
    expect(lines).toContain(table);
  });

  it('writes at most ten times a second, however much happens', () => {
    const write = vi.spyOn(terminal.stderr, 'write');
    for (let index = 0; index < 1000; index += 1) {
      terminal.send({ type: 'output', stream: 'stdout', line: `line ${index}` });
      vi.advanceTimersByTime(1);
    }
    expect(write.mock.calls.length).toBeLessThanOrEqual(10);
    terminal.close();
    expect(screenOf(terminal.stderr.text).lines.slice(0, 1000).at(-1)).toBe('line 999');
  });

  it('cuts live lines to the width, so that the redraw always hits them', () => {
    terminal.send({ type: 'step-started', id: 'a', title: 'image' });
    terminal.send({ type: 'step-progress', id: 'a', text: `wide 日本 ${'x'.repeat(200)}` });
    const line = redrawn()[0]!;
    // Two characters of this line take two columns each.
    expect(line).toHaveLength(77);
    expect(line.endsWith('…')).toBe(true);
  });

  it('shows how far the epoch is, when it will be done, and the newest values', () => {
    terminal.send({ type: 'progress', stage: 'epoch 2/3', done: 0, total: 1000, unit: 'images' });
    terminal.send({ type: 'metric', key: 'batch/loss', value: 0.5, step: 7 });
    vi.advanceTimersByTime(2000);
    terminal.send({ type: 'progress', stage: 'epoch 2/3', done: 250, total: 1000, unit: 'images' });
    expect(redrawn()[0]).toMatch(/^\S epoch 2\/3 {2}━{5}┄{15} {2}250\/1000 images {2}eta 6 s {2}loss 0\.5000$/);
  });

  it('shows that a program without progress runs, and for how long', () => {
    terminal.send({ type: 'state', state: 'running' });
    expect(redrawn()).toEqual([expect.stringMatching(/^\S running$/)]);
    vi.advanceTimersByTime(62_000);
    expect(redrawn()).toEqual([expect.stringMatching(/^\S running {2}1 min 02 s$/)]);
    terminal.send({ type: 'progress', stage: 'reading', done: 5, total: 0, unit: 'files' });
    expect(redrawn()).toEqual([expect.stringMatching(/^\S reading {2}5 files$/)]);
    terminal.send({ type: 'state', state: 'stopping' });
    expect(redrawn()).toEqual([expect.stringMatching(/^\S stopping$/)]);
  });

  it('writes one line a step, once all its values are there, the test values by themselves', () => {
    terminal.send({ type: 'progress', stage: 'epoch 1/10', done: 1, total: 1, unit: 'batches' });
    const values = { loss: 0.7, val_auc: 0.9, epoch_seconds: 3, 'system/cpu': 1 };
    for (const [key, value] of Object.entries(values)) terminal.send({ type: 'metric', key, value, step: 1 });
    expect(redrawn()).toHaveLength(1);
    terminal.send({ type: 'metric', key: 'loss', value: 0.35, step: 2 });
    expect(redrawn().slice(0, 2)).toEqual(['epoch     loss  val_auc    time', ' 1/10   0.7000   0.9000   3.0 s']);
    vi.advanceTimersByTime(400);
    terminal.send({ type: 'metric', key: 'test_loss', value: 12.5, step: 2 });
    vi.advanceTimersByTime(500);
    expect(redrawn().slice(2, 4)).toEqual([' 2/10   0.3500', 'test         loss 12.5000']);
    // What is computed of the model afterwards is no further row of the table.
    terminal.send({ type: 'metric', key: 'val_brier_score', value: 0.2, step: 2 });
    vi.advanceTimersByTime(500);
    terminal.send({ type: 'metric', key: 'loss', value: 0.3, step: 3 });
    vi.advanceTimersByTime(500);
    expect(redrawn().slice(4)).toEqual(['epoch  2/10  val_brier_score 0.2000', ' 3/10   0.3000', expect.anything()]);
  });

  it('thins out rows that come faster than anyone reads, and never loses the last one', () => {
    for (let step = 1; step <= 5000; step += 1) {
      terminal.send({ type: 'metric', key: 'loss', value: step, step });
      vi.advanceTimersByTime(1);
    }
    terminal.close();
    const rows = screenOf(terminal.stderr.text).lines.filter((line) => /^ *\d/.test(line));
    expect(rows.length).toBeLessThan(115);
    expect(rows.at(-1)).toBe('5000  5000.00');
  });

  it('lets no escape sequence of the program reach the terminal', () => {
    terminal.send({
      type: 'output',
      stream: 'stdout',
      line: '\u001b[31mred\u001b[0m\u001b[2J\u0007 10%\r\u001b]0;title\u0007 20%\tdone\r',
    });
    expect(redrawn()[0]).toBe(' 20%    done');
  });

  it('ends with the summary on stdout, the link whole, and the live area gone', () => {
    terminal.send({ type: 'state', state: 'draining' });
    expect(redrawn()).toEqual([expect.stringMatching(/^\S sending the last values$/)]);
    terminal.send({ type: 'result', result: finished });
    expect(screenOf(terminal.stderr.text)).toEqual({ lines: [''], cursorVisible: true });
    expect(terminal.stdout.text.split('\n')).toEqual([
      '',
      'FINISHED after 3 min 04 s',
      '  metrics test   accuracy 0.9531',
      '          val    loss 0.2500',
      '          train  loss 0.2000',
      '  history val_loss █▄▁  0.6000 → best 0.2500 (step 3)',
      '  run     brave-otter  http://localhost:5000/#/experiments/1/runs/abc',
      '  table   http://localhost:5000/#/experiments/1/runs?viewStateShareKey=slipway',
      '  charts  http://localhost:5000/#/experiments/1/runs?viewStateShareKey=slipway&compareRunsMode=CHART',
      '  model   malaria version 3  http://localhost:5000/#/models/malaria/versions/3',
      '  image   malaria:1a2b3c4d5e6f',
      '  files   /storage/runs/20261121-034512-k3f9',
      '',
    ]);
  });

  it('says a failure with what to do, and its reason once', () => {
    const message = `The image could not be built: ${'very '.repeat(12)}sad.\n    npm ERR!`;
    terminal.send({ type: 'step-started', id: 'a', title: 'image' });
    terminal.send({ type: 'step-failed', id: 'a', title: 'image', durationMs: 900 });
    terminal.send({ type: 'failure', message, hint: 'Look here.' });
    const failed = { ...finished, status: 'FAILED', exitCode: null, reason: message, url: null } as const;
    terminal.send({ type: 'result', result: failed });
    expect(screenOf(terminal.stderr.text).lines).toEqual([
      '✗ image  900 ms',
      '✗ The image could not be built: very very very very very very very very very',
      '  very very very sad.',
      '      npm ERR!',
      '  → Look here.',
      '',
    ]);
    expect(terminal.stdout.text).toContain('FAILED after 3 min 04 s\n  metrics');
    expect(terminal.stdout.text).not.toContain('npm ERR!');
  });

  it('gives the last words of a program as the reason, wherever the program has said them', () => {
    const words = 'The data file /storage/x.zip is not a readable zip.';
    terminal.send({ type: 'output', stream: 'stderr', line: words });
    const failed = { ...finished, status: 'FAILED', exitCode: 64 } as const;
    const reason = `the program exited with code 64: ${words}`;
    terminal.send({ type: 'result', result: { ...failed, reason } });
    expect(terminal.stdout.text.replace(/\n {10}/g, ' ')).toContain(`  reason  ${reason}\n`);
  });

  it('names the program in a hint that is a command alone as it must be typed', () => {
    const rewrite = (text: string): string => text.replaceAll('`slipway ', '`bin/slipway ');
    const terminal = probe({ mode: 'terminal', rewrite });
    terminal.send({ type: 'failure', message: 'No server.', hint: '`slipway tracking up`' });
    terminal.close();
    expect(screenOf(terminal.stderr.text).lines).toContain('  → bin/slipway tracking up');
  });

  it('keeps quiet about all but warnings, failures and the result when it is told to', () => {
    const quiet = probe({ mode: 'terminal', verbosity: 'quiet' });
    quiet.send({ type: 'step-started', id: 'a', title: 'image' }, { type: 'notice', text: 'no' });
    quiet.send({ type: 'output', stream: 'stdout', line: 'no' }, { type: 'warning', text: 'yes' });
    vi.advanceTimersByTime(200);
    quiet.send({ type: 'result', result: finished });
    quiet.close();
    expect(screenOf(quiet.stderr.text).lines).toEqual(['! warning: yes', '']);
    expect(quiet.stdout.text).toContain('FINISHED');
  });

  it('gives the cursor back when it is closed in the middle, and leaves no timer behind', () => {
    terminal.send({ type: 'step-started', id: 'a', title: 'image' });
    redrawn();
    terminal.close();
    expect(screenOf(terminal.stderr.text)).toEqual({ lines: [''], cursorVisible: true });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('colours only what is shown, never what a file gets', () => {
    const colored = probe({ mode: 'terminal', color: true });
    colored.send(
      { type: 'step-finished', id: 'a', title: 'image', durationMs: 1 },
      { type: 'result', result: finished },
    );
    expect(colored.stderr.text).toContain('\u001b[32m✓');
    expect(colored.stdout.text).toContain('\u001b[32m');
    colored.close();
    terminal.send({ type: 'step-finished', id: 'a', title: 'image', durationMs: 1 });
    redrawn();
    expect(terminal.stderr.text).not.toContain('\u001b[32m');
  });
});
