import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunResult } from '../../../src/events.ts';
import { finished, probe, type ReportProbe } from './fake-stream.ts';

let plain: ReportProbe;

beforeEach(() => {
  vi.useFakeTimers();
  plain = probe({ mode: 'plain' });
});

afterEach(() => {
  plain.close();
  vi.useRealTimers();
});

describe('the reporter for a file', () => {
  it('writes each thing on a line of its own, without any control character, the result to stdout', () => {
    plain.send({ type: 'notice', text: 'run brave-otter' }, { type: 'warning', text: 'mind this' });
    plain.send({ type: 'step-started', id: 'a', title: 'image' });
    plain.send({ type: 'step-progress', id: 'a', text: 'Step 1' });
    plain.send({ type: 'step-finished', id: 'a', title: 'image cells:1', durationMs: 1200 });
    plain.send({ type: 'state', state: 'running' });
    plain.send({
      type: 'registered',
      mlflowRunId: 'abc',
      experimentId: '1',
      runName: 'brave-otter',
      url: 'http://x/abc',
      runsUrl: 'http://x/runs',
      chartsUrl: 'http://x/charts',
    });
    plain.send({ type: 'output', stream: 'stderr', line: '\u001b[1mhello\u001b[0m' });
    plain.send({ type: 'metric', key: 'loss', value: Number.NaN, step: 1 });
    plain.send({ type: 'metric', key: 'epoch_seconds', value: 62, step: 1 });
    vi.advanceTimersByTime(600);
    plain.send({ type: 'model', name: 'cells', version: '2', modelId: null });
    plain.send({ type: 'result', result: finished });
    expect(plain.stderr.text.split('\n')).toEqual([
      '• run brave-otter',
      '! warning: mind this',
      '✓ image cells:1  1.2 s',
      '• brave-otter  http://x/abc',
      'hello',
      'epoch 1  loss    NaN  1 min 02 s',
      '✓ model cells version 2 registered',
      '',
    ]);
    expect(plain.stdout.text).toMatch(/^FINISHED after 3 min 04 s\n/);
  });

  it('cuts what a step says of itself, and gives all of it to someone who wants to see everything', () => {
    const line = `Successfully installed ${'package-1.0 '.repeat(120)}`;
    const verbose = probe({ mode: 'plain', verbosity: 'verbose' });
    for (const reporter of [plain, verbose]) reporter.send({ type: 'step-started', id: 'a', title: 'tracking server' });
    vi.advanceTimersByTime(3000);
    for (const reporter of [plain, verbose]) {
      reporter.send({ type: 'step-progress', id: 'a', text: `step 7/17 · ${line}`, line });
    }
    const [told = ''] = plain.stderr.text.split('\n');
    expect(told).toMatch(/^ {2}tracking server: step 7\/17 · Successfully installed package-1\.0 .*…$/);
    expect(told.length).toBeLessThanOrEqual(100);
    expect(verbose.stderr.text).toBe(`  tracking │ ${line}\n`);
    verbose.close();
  });

  it('keeps the numbers of a metric below each other from line to line', () => {
    for (const [step, value] of [1, 0.02, 0.5].entries()) {
      plain.send({ type: 'metric', key: 'val_precision', value, step: step + 1 });
      plain.send({ type: 'metric', key: 'val_recall', value: 1 - value, step: step + 1 });
    }
    vi.advanceTimersByTime(600);
    expect(plain.stderr.text.split('\n')).toEqual([
      'step 1  val_precision 1.0000  val_recall 0.0000',
      'step 2  val_precision 0.0200  val_recall 0.9800',
      'step 3  val_precision 0.5000  val_recall 0.5000',
      '',
    ]);
  });

  it('says what a long step does after two seconds, then every ten', () => {
    plain.send({ type: 'step-started', id: 'a', title: 'image' });
    for (let second = 0; second <= 25; second += 1) {
      plain.send({ type: 'step-progress', id: 'a', text: `at ${second}` });
      vi.advanceTimersByTime(1000);
    }
    expect(plain.stderr.text).toBe('  image: at 2\n  image: at 12\n  image: at 22\n');
  });

  it('shows that a silent step is alive, and for how long, until it ends', () => {
    plain.send({ type: 'step-started', id: 'a', title: 'image' }, { type: 'step-started', id: 'b', title: 'server' });
    plain.send({ type: 'step-progress', id: 'a', text: 'step 3/12: RUN npm ci' });
    plain.send({ type: 'step-finished', id: 'b', title: 'server', durationMs: 5 });
    vi.advanceTimersByTime(70_000);
    expect(plain.stderr.text.split('\n')).toEqual([
      '✓ server  5 ms',
      '  image: step 3/12: RUN npm ci  32 s',
      '  image: step 3/12: RUN npm ci  1 min 02 s',
      '',
    ]);
  });

  it('tells progress at a quarter, but not within ten seconds', () => {
    for (let second = 0; second <= 100; second += 1) {
      plain.send({ type: 'progress', stage: 'epoch 1/2', done: second, total: 100, unit: 'batches' });
      vi.advanceTimersByTime(1000);
    }
    const told = plain.stderr.text.match(/\d+\/100 batches/g);
    expect(told).toEqual(['25/100 batches', '50/100 batches', '75/100 batches', '100/100 batches']);
    for (let done = 0; done <= 100; done += 1) {
      plain.send({ type: 'progress', stage: 'epoch 2/2', done, total: 100, unit: 'batches' });
      vi.advanceTimersByTime(50);
    }
    expect(plain.stderr.text).not.toContain('epoch 2/2');
  });

  it('gives the reason of a failure, and how what is missing gets to the server', () => {
    const failed: RunResult = { ...finished, status: 'FAILED', exitCode: 3, reason: 'It broke.', drained: false };
    plain.send({ type: 'result', result: failed });
    expect(plain.stdout.text).toContain('FAILED after 3 min 04 s\n  reason  It broke.\n');
    expect(plain.stdout.text).toContain(
      'Not everything has reached the server yet; see: `slipway sync 20261121-034512',
    );
  });

  it('writes the last values before what follows from them', () => {
    plain.send({ type: 'metric', key: 'test_auc', value: 0.9, step: 2 });
    plain.send({ type: 'model', name: 'cells', version: '2', modelId: null });
    plain.send({ type: 'metric', key: 'rmse', value: 2, step: 3 }, { type: 'state', state: 'draining' });
    plain.send({ type: 'step-finished', id: 'drain', title: 'all sent', durationMs: 1 });
    expect(plain.stderr.text.split('\n')).toEqual([
      'test    auc 0.9000',
      '✓ model cells version 2 registered',
      'step 3  rmse 2.0000',
      '✓ all sent  1 ms',
      '',
    ]);
  });

  it('repeats the reason on stdout only where the failure was told elsewhere', () => {
    const result: RunResult = { ...finished, status: 'FAILED', exitCode: null, reason: 'No engine answers.' };
    const shared = probe({ mode: 'plain', sharesDestination: true });
    for (const reporter of [plain, shared]) {
      reporter.send({ type: 'failure', message: 'No engine answers.' }, { type: 'result', result });
      expect(reporter.stderr.text).toContain('✗ No engine answers.\n');
    }
    expect(plain.stdout.text).toContain('  reason  No engine answers.\n');
    expect(shared.stdout.text).not.toContain('No engine answers.');
    shared.close();
  });

  it('asks to send a run that no server has, but not one whose program never ran', () => {
    const unsent: RunResult = { ...finished, mlflowRunId: null, url: null, drained: false };
    plain.send({ type: 'result', result: { ...unsent, status: 'FAILED', exitCode: null } });
    expect(plain.stdout.text).not.toContain('slipway sync');
    plain.send({ type: 'result', result: unsent });
    expect(plain.stdout.text).toContain('No tracking server has this run yet; see: `slipway sync 20261121');
  });

  it('groups the metrics of training, validation and test, and leaves those of a plain program as they are', () => {
    const metrics = { loss: 0.3, val_auc: 0.9, auc: 0.8, test_loss: 0.5, val_loss: 0.4 };
    plain.send({ type: 'result', result: { ...finished, metrics } });
    plain.send({ type: 'result', result: { ...finished, metrics: { words: 2, mae: 1 } } });
    expect(plain.stdout.text).toContain('  metrics test   loss 0.5000\n          val    loss 0.4000  auc 0.9000\n');
    expect(plain.stdout.text).toContain('          train  loss 0.3000  auc 0.8000\n');
    expect(plain.stdout.text).toContain('  metrics words 2  mae 1.0000\n');
  });
});

const chatter = [
  'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR',
  'I0000 00:00:1795260053.540413       7 port.cc:153] oneDNN custom operations are on. You may see slightly different results.',
  '2026-11-21 11:20:53.540413: I tensorflow/core/util/port.cc:153] oneDNN custom operations are on. You may see others.',
];

describe.each(['terminal', 'plain'] as const)('chatter of native libraries in the %s look', (mode) => {
  it('is not shown, unlike what the program itself writes', () => {
    const reporter = probe({ mode, columns: 200 });
    for (const line of chatter) {
      reporter.send(
        { type: 'output', stream: 'stderr', line },
        { type: 'output', stream: 'stdout', line: `said ${line}` },
      );
    }
    reporter.send({ type: 'output', stream: 'stderr', line: 'oneDNN custom operations are on.' });
    reporter.close();
    const lines = reporter.stderr.text.replaceAll(/\u001b\[[^a-zA-Z]*[a-zA-Z]/g, '').split('\n');
    expect(lines.filter((line) => line !== '')).toEqual([
      ...chatter.map((line) => `said ${line}`),
      'oneDNN custom operations are on.',
    ]);
  });
});

describe('the reporter for a program', () => {
  it('gets the chatter of native libraries, too', () => {
    const json = probe({ mode: 'json' });
    json.send({ type: 'output', stream: 'stderr', line: chatter[0]! });
    json.close();
    expect(JSON.parse(json.stdout.text)).toMatchObject({ line: chatter[0] });
  });

  it('gets what is asked for: details with verbose, requests with debug, and only what counts when it is quiet', () => {
    const told = (verbosity: 'quiet' | 'normal' | 'verbose' | 'debug'): string[] => {
      const json = probe({ mode: 'json', verbosity });
      json.send({ type: 'notice', text: 'n' }, { type: 'detail', text: 'd' }, { type: 'debug', text: 'b' });
      json.send({ type: 'warning', text: 'w' }, { type: 'result', result: finished });
      json.close();
      return json.stdout.text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).type);
    };
    expect(told('quiet')).toEqual(['warning', 'result']);
    expect(told('normal')).toEqual(['notice', 'warning', 'result']);
    expect(told('verbose')).toEqual(['notice', 'detail', 'warning', 'result']);
    expect(told('debug')).toEqual(['notice', 'detail', 'debug', 'warning', 'result']);
  });

  it('writes every event as one JSON object a line on stdout and nothing else', () => {
    const json = probe({ mode: 'json' });
    json.send(
      { type: 'notice', text: 'a\nb' },
      { type: 'metric', key: 'loss', value: Number.POSITIVE_INFINITY, step: 1 },
    );
    json.send({ type: 'result', result: finished });
    json.close();
    const events = json.stdout.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events).toMatchObject([
      { type: 'notice', text: 'a\nb', timeMs: Date.now() },
      { type: 'metric', value: 'Infinity' },
      { type: 'result', result: finished },
    ]);
    expect(json.stderr.text).toBe('');
  });
});

describe.each(['terminal', 'plain', 'json'] as const)('secrets in the %s look', (mode) => {
  it('are masked wherever they come from', () => {
    const masking = probe({ mode, secrets: ['hun"ter2', 'abc'] });
    masking.send({ type: 'output', stream: 'stdout', line: 'password hun"ter2, abc' });
    masking.send({ type: 'result', result: { ...finished, reason: 'hun"ter2 was refused' } });
    masking.close();
    const written = masking.stdout.text + masking.stderr.text;
    expect(written).not.toMatch(/hun\\?"ter2/);
    expect(written).toContain('password ***, abc');
  });
});
