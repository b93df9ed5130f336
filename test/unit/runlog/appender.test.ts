import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { RunLogAppender, runLogEvent } from '../../../src/runlog/index.ts';

let runDirectory: string;
beforeEach(() => {
  runDirectory = mkdtempSync(join(tmpdir(), 'slipway-run-log-'));
});
afterEach(() => rmSync(runDirectory, { recursive: true, force: true }));

const file = () => join(runDirectory, 'events', 'trainer.ndjson');
const lines = () => readFileSync(file(), 'utf8').split('\n').filter(Boolean);
const events = () => lines().map((line) => runLogEvent.parse(JSON.parse(line)));

describe('RunLogAppender', () => {
  it('writes every kind of event as a line that the contract accepts', () => {
    const log = RunLogAppender.open(runDirectory, 'trainer');
    log.metric('loss', 0.5, 1, { timeMs: 1000 });
    log.param('epochs', 3);
    log.tag('note', 'a "quoted"\nvalue with æøå');
    log.artifact(join(runDirectory, 'artifacts', 'curve.svg'), 'curve.svg');
    log.table('predictions', 'artifacts/predictions.json', 1, 1000);
    log.image('confusion', 'artifacts/confusion.png', 1, 1000);
    log.dataset({ name: 'train', digest: 'abc', context: 'training', source_type: 'local', source: '{}' });
    log.model({ name: 'cells', path: join(runDirectory, 'outputs', 'model'), register: 'cells' });
    log.progress('training', 1, 3, 'epochs');
    log.end('FINISHED');
    log.close();
    expect(events().map((event) => event.type)).toEqual([
      'metric',
      'param',
      'tag',
      'artifact',
      'table',
      'image',
      'dataset',
      'model',
      'progress',
      'end',
    ]);
    expect(events()[1]).toEqual({ v: 1, type: 'param', key: 'epochs', value: '3' });
    expect(events()[3]).toMatchObject({ path: 'artifacts/curve.svg' });
    expect(events()[7]).toMatchObject({ path: 'outputs/model' });
  });

  it('spells NaN and the infinities as the contract does', () => {
    const log = RunLogAppender.open(runDirectory, 'trainer');
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-300, -0, 1e21]) {
      log.metric('value', value, 1);
    }
    log.close();
    expect(events().map((event) => event.type === 'metric' && event.value)).toEqual([
      'NaN',
      'Infinity',
      '-Infinity',
      1e-300,
      0,
      1e21,
    ]);
  });

  it('puts a first value on the file before a program that blocks goes on', async () => {
    const log = RunLogAppender.open(runDirectory, 'trainer');
    log.metric('loss', 1, 1);
    log.metric('accuracy', 1, 1);
    await Promise.resolve();
    expect(lines()).toHaveLength(2);
    log.close();
  });

  it('puts values in quick succession on the file without being asked', async () => {
    const log = RunLogAppender.open(runDirectory, 'trainer');
    for (let step = 0; step < 100; step++) {
      log.metric('loss', 1, step);
      await Promise.resolve();
    }
    await wait(150);
    expect(lines()).toHaveLength(100);
    log.close();
  });

  it('writes what is waiting when the process exits', () => {
    const appender = join(import.meta.dirname, '../../../src/runlog/append-file.ts');
    const script = join(runDirectory, 'exits.mjs');
    writeFileSync(script, transpiled(appender));
    mkdirSync(join(runDirectory, 'events'));
    execFileSync(process.execPath, [
      '--input-type=module',
      '-e',
      `import { AppendFile } from ${JSON.stringify(script)};
       const file = AppendFile.open(${JSON.stringify(file())});
       file.append('{"first":1}\\n'); await null; file.append('{"second":2}\\n'); process.exit(0);`,
    ]);
    expect(lines()).toEqual(['{"first":1}', '{"second":2}']);
  });

  it('ends the torn line of a writer that was killed, so that the next event is whole', () => {
    RunLogAppender.open(runDirectory, 'trainer').close();
    appendFileSync(file(), '{"v":1,"type":"met');
    const log = RunLogAppender.open(runDirectory, 'trainer');
    log.metric('loss', 1, 1);
    log.close();
    expect(lines()).toHaveLength(2);
    expect(JSON.parse(lines()[1] ?? '')).toMatchObject({ key: 'loss' });
  });

  it('leaves out a key and step that a resumed training logs again, if asked to', () => {
    const first = RunLogAppender.open(runDirectory, 'trainer');
    first.metric('loss', 0.5, 1);
    first.metric('loss', 0.4, 2);
    first.metric('loss', 0.4, 2, { dataset: 'test' });
    first.close();
    const resumed = RunLogAppender.open(runDirectory, 'trainer', { skipExisting: true });
    expect(resumed.metric('loss', 0.4, 2)).toBe(false);
    expect(resumed.metric('loss', 0.4, 2, { dataset: 'test' })).toBe(false);
    expect(resumed.metric('loss', 0.4, 2, { dataset: 'other' })).toBe(true);
    expect(resumed.metric('loss', 0.3, 3)).toBe(true);
    expect(resumed.metric('accuracy', 0.3, 2)).toBe(true);
    resumed.close();
    expect(lines()).toHaveLength(6);
  });

  it('leaves out tables, pictures, parameters, data sets and models that are there, if asked to', () => {
    const dataset = { name: 'cells', digest: 'd1', context: 'training', source_type: 'local', source: '{}' } as const;
    const model = { name: 'model', path: 'model', register: null, metrics: { b: 1, a: 2 } };
    const say = (log: RunLogAppender, { metrics = model.metrics as Record<string, number>, epochs = 5 } = {}): void => {
      log.table('per-class', 'table.json', 5);
      log.image('filters', 'filters.png', 5);
      log.param('epochs', epochs);
      log.dataset({ ...dataset, schema: '{}', profile: '{}' });
      log.model({ ...model, metrics });
      log.close();
    };
    say(RunLogAppender.open(runDirectory, 'trainer'));
    expect(lines()).toHaveLength(5);
    say(RunLogAppender.open(runDirectory, 'trainer', { skipExisting: true }), { metrics: { a: 2, b: 1 } });
    expect(lines()).toHaveLength(5);
    say(RunLogAppender.open(runDirectory, 'trainer', { skipExisting: true }), { metrics: { a: 3 }, epochs: 6 });
    expect(lines().slice(5)).toMatchObject([expect.stringContaining('"epochs"'), expect.stringContaining('"a":3')]);
  });

  it.each([
    ['a step that is no integer', (log: RunLogAppender) => log.metric('loss', 1, 1.5), /step of metric "loss"/],
    ['a key with a percent sign', (log: RunLogAppender) => log.metric('a%b', 1, 1), /"a%b" cannot name a metric/],
    ['a key that climbs', (log: RunLogAppender) => log.metric('../loss', 1, 1), /cannot name a metric/],
    ['a key with an empty part', (log: RunLogAppender) => log.param('a//b', 1), /takes no such param event/],
    ['an event over 1 MiB', (log: RunLogAppender) => log.tag('note', 'x'.repeat(1_100_000)), /too long/],
  ])('refuses %s with a sentence', (_what, act, message) => {
    const log = RunLogAppender.open(runDirectory, 'trainer');
    expect(() => act(log)).toThrow(UsageError);
    expect(() => act(log)).toThrow(message);
    log.close();
    expect(lines()).toEqual([]);
  });

  it('holds nothing back where the clock is set back', async () => {
    const log = RunLogAppender.open(runDirectory, 'trainer');
    log.metric('loss', 0.5, 1);
    await vi.waitFor(() => expect(lines()).toHaveLength(1), { timeout: 10_000 });
    const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() - 3_600_000);
    log.metric('loss', 0.4, 2);
    clock.mockRestore();
    await vi.waitFor(() => expect(lines()).toHaveLength(2), { timeout: 10_000 });
    log.close();
  });

  it('refuses a writer that is no plain file name', () => {
    expect(() => RunLogAppender.open(runDirectory, '../trainer')).toThrow(/cannot name a writer/);
  });
});

/** The module as JavaScript with absolute imports inlined: enough to run the small file it is in a process of its own. */
function transpiled(path: string): string {
  const source = readFileSync(path, 'utf8');
  return execFileSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { build } from 'vite';
       const result = await build({ configFile: false, logLevel: 'silent', build: { write: false, ssr: ${JSON.stringify(path)}, minify: false } });
       process.stdout.write(result.output[0].code);`,
    ],
    { encoding: 'utf8', input: source, cwd: join(import.meta.dirname, '../../..') },
  );
}
