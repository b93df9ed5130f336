import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RunTails } from '../../../src/launch/run-tails.ts';
import { outputLine } from '../../../src/runs/index.ts';
import { temporaryDirectory } from '../../support/index.ts';

test('a run is watched whatever else its program puts among the files that tell of it', async () => {
  await using run = await temporaryDirectory();
  const tails = new RunTails(run.path);
  writeFileSync(run.join('secret'), 'of this machine\n');
  const metric = { v: 1, type: 'metric', key: 'loss', value: 0.5, step: 1, time_ms: 1 };
  writeFileSync(run.join('events', 'trainer.ndjson'), `${JSON.stringify(metric)}\n`);
  const ofTheMachine = { ...metric, key: 'system/cpu_utilization_percentage' };
  writeFileSync(run.join('events', 'system.ndjson'), `${JSON.stringify(ofTheMachine)}\n`);
  mkdirSync(run.join('events', 'folder.ndjson'));
  symlinkSync(run.join('nothing'), run.join('events', 'dangling.ndjson'));
  execFileSync('mkfifo', [run.join('events', 'pipe.ndjson'), run.join('logs', 'stderr.log')]);
  symlinkSync(run.join('secret'), run.join('logs', 'stdout.log'));
  const running = { timeMs: 0, type: 'state', state: 'running' };
  writeFileSync(run.join('logs', 'agent.log'), `${JSON.stringify(running)}\n`);
  expect(tails.read()).toEqual([running, { timeMs: 1, type: 'metric', key: 'loss', value: 0.5, step: 1 }]);
});

test('a line of the journal that is no event, torn by a kill or written by the program, is passed over', async () => {
  await using run = await temporaryDirectory();
  const tails = new RunTails(run.path);
  const notice = { timeMs: 1, type: 'notice', text: 'here' };
  writeFileSync(
    run.join('logs', 'agent.log'),
    `{"timeMs":1,"ty\n{}\n{"timeMs":1,"type":"result"}\n${JSON.stringify(notice)}\n`,
  );
  expect(tails.read()).toEqual([notice]);
});

test('what a program writes before its start is told is given after that', async () => {
  await using run = await temporaryDirectory();
  const tails = new RunTails(run.path);
  writeFileSync(run.join('logs', 'stdout.log'), 'first\n');
  const metric = { v: 1, type: 'metric', key: 'loss', value: 0.5, step: 1, time_ms: 1 };
  writeFileSync(run.join('events', 'trainer.ndjson'), `${JSON.stringify(metric)}\n`);
  const journal = (...events: readonly object[]) =>
    appendFileSync(run.join('logs', 'agent.log'), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const starting = { timeMs: 2, type: 'state', state: 'starting' };
  journal(starting);
  expect(tails.read()).toEqual([starting]);
  const started = { timeMs: 3, type: 'step-finished', id: 'start', title: 'program started', durationMs: 9 };
  const running = { timeMs: 3, type: 'state', state: 'running' };
  journal(started, running);
  const given = tails.read();
  expect(given.map(({ type }) => type)).toEqual(['metric', 'step-finished', 'state', 'output']);
});

test('of a resumed run only what its last attempt tells is given, without the line between the attempts', async () => {
  await using run = await temporaryDirectory();
  for (const folder of ['logs', 'events']) mkdirSync(run.join(folder));
  const metric = (step: number) =>
    `${JSON.stringify({ v: 1, type: 'metric', key: 'loss', value: 1, step, time_ms: step })}\n`;
  const files = { 'logs/agent.log': '{"timeMs":0,"type":"state","state":"failed"}\n', 'logs/stdout.log': 'before\n' };
  const before: Record<string, string> = { ...files, 'events/trainer.ndjson': metric(1) };
  for (const [path, text] of Object.entries(before)) writeFileSync(run.join(path), text);
  const starts = Object.fromEntries(Object.entries(before).map(([path, text]) => [path, text.length]));
  const tails = new RunTails(run.path, starts, '--- 2 ---');
  expect(tails.read()).toEqual([]);
  const running = { timeMs: 0, type: 'state', state: 'running' };
  appendFileSync(run.join('logs/agent.log'), `${JSON.stringify(running)}\n`);
  writeFileSync(run.join('logs/stdout.1.log'), `${outputLine(5, '--- 2 ---')}\n${outputLine(1, 'after')}\n`);
  appendFileSync(run.join('events/trainer.ndjson'), metric(2));
  const output = { timeMs: 1, type: 'output', stream: 'stdout', line: 'after' };
  const value = { timeMs: 2, type: 'metric', key: 'loss', value: 1, step: 2 };
  expect(tails.read()).toEqual([running, output, value]);
});

test('of a long past of the run log the end is read, from a whole line on, and everything that follows', async () => {
  await using run = await temporaryDirectory();
  for (const folder of ['logs', 'events']) mkdirSync(run.join(folder));
  const metric = (step: number) =>
    `${JSON.stringify({ v: 1, type: 'metric', key: 'loss', value: 1, step, time_ms: step })}\n`;
  const log = run.join('events/trainer.ndjson');
  writeFileSync(run.join('logs/agent.log'), '{"timeMs":0,"type":"state","state":"running"}\n');
  writeFileSync(log, Array.from({ length: 100 }, (_, index) => metric(index + 100)).join(''));
  const steps = (tails: RunTails) => tails.read().flatMap((event) => (event.type === 'metric' ? [event.step] : []));
  const cut = new RunTails(run.path, {}, null, metric(100).length * 10 - 1);
  const whole = new RunTails(run.path, {}, null, metric(100).length * 100);
  expect(steps(cut)).toEqual([191, 192, 193, 194, 195, 196, 197, 198, 199]);
  expect(steps(whole)).toHaveLength(100);
  expect([cut.pastCut.metrics, whole.pastCut.metrics]).toEqual([true, false]);
  appendFileSync(log, Array.from({ length: 30 }, (_, index) => metric(index + 200)).join(''));
  expect(steps(cut)).toHaveLength(30);
});

test('of a long past of the output the end is read at once, and everything that follows', async () => {
  await using run = await temporaryDirectory();
  for (const folder of ['logs', 'events']) mkdirSync(run.join(folder));
  const lines = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, index) => `${outputLine(from + index, `${from + index}`)}\n`).join('');
  const texts = (tails: RunTails) => tails.read().flatMap((event) => (event.type === 'output' ? [event.line] : []));
  const journal = run.join('logs/agent.log');
  writeFileSync(journal, '{"timeMs":0,"type":"state","state":"starting"}\n');
  const early = new RunTails(run.path, {}, null, 1000);
  expect(early.read()).toHaveLength(1);
  appendFileSync(journal, '{"timeMs":0,"type":"state","state":"running"}\n');
  writeFileSync(run.join('logs/stdout.log'), lines(1, 60_000));
  writeFileSync(run.join('logs/stdout.1.log'), lines(60_000, 80_000));
  const sample = { v: 1, type: 'metric', key: 'system/cpu', value: 1, step: 1, time_ms: 1 };
  writeFileSync(run.join('events/system.ndjson'), `${JSON.stringify(sample)}\n`.repeat(100));
  const tails = new RunTails(run.path, {}, null, 1000);
  const shown = texts(tails);
  expect(shown.length).toBeLessThan(50_000);
  expect([shown.at(0), shown.at(-1)]).toEqual([`${80_000 - shown.length}`, '79999']);
  expect(tails.pastCut).toEqual({ output: true, metrics: false });
  appendFileSync(run.join('logs/stdout.1.log'), lines(80_000, 80_002));
  expect(texts(tails)).toEqual(['80000', '80001']);
  // Who came before the program began has seen nothing of this as past.
  expect(texts(early)[0]).toBe('1');
  expect(early.pastCut).toEqual({ output: false, metrics: false });
});
