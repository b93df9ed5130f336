import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lastMetricValues, lastReason, RunLogAppender, RunLogFollower, readRunLog } from '../../../src/runlog/index.ts';

let runDirectory: string;
let events: string;
beforeEach(() => {
  runDirectory = mkdtempSync(join(tmpdir(), 'slipway-follower-'));
  events = join(runDirectory, 'events');
});
afterEach(() => rmSync(runDirectory, { recursive: true, force: true }));

const tag = (value: string) => `${JSON.stringify({ v: 1, type: 'tag', key: 'note', value })}\n`;

async function values(follower: RunLogFollower, options = {}): Promise<string[]> {
  const { entries } = await follower.read(options);
  return entries.map(({ event }) => (event.type === 'tag' ? event.value : event.type));
}

describe('RunLogFollower', () => {
  it('finds a folder, a writer and lines that appear later', async () => {
    const follower = new RunLogFollower(events);
    expect(await values(follower)).toEqual([]);
    mkdirSync(events);
    appendFileSync(join(events, 'trainer.ndjson'), tag('1'));
    expect(await values(follower)).toEqual(['1']);
    appendFileSync(join(events, 'agent.ndjson'), tag('2'));
    appendFileSync(join(events, 'trainer.ndjson'), tag('3'));
    expect(await values(follower)).toEqual(['3', '2']);
    await follower.close();
  });

  it('waits for the rest of a torn line, even where it is torn inside a character', async () => {
    mkdirSync(events);
    const line = Buffer.from(tag('blåbærgrød'));
    const cut = line.indexOf('å') + 1;
    writeFileSync(join(events, 'trainer.ndjson'), line.subarray(0, cut));
    const follower = new RunLogFollower(events);
    expect(await values(follower)).toEqual([]);
    appendFileSync(join(events, 'trainer.ndjson'), line.subarray(cut));
    expect(await values(follower)).toEqual(['blåbærgrød']);
    await follower.close();
  });

  it('takes a last line without a newline once no writer is alive', async () => {
    mkdirSync(events);
    writeFileSync(join(events, 'trainer.ndjson'), tag('1') + tag('2').trimEnd());
    const follower = new RunLogFollower(events);
    expect(await values(follower)).toEqual(['1']);
    expect(await values(follower)).toEqual([]);
    expect(await values(follower, { final: true })).toEqual(['2']);
    expect((await follower.read({ final: true })).atEnd).toBe(true);
    await follower.close();
  });

  it('begins at a byte offset and gives each event its own', async () => {
    mkdirSync(events);
    writeFileSync(join(events, 'trainer.ndjson'), tag('1') + tag('2') + tag('3'));
    const start = Buffer.byteLength(tag('1'));
    const follower = new RunLogFollower(events, { startAt: () => start });
    const { entries } = await follower.read();
    expect(entries.map(({ offset, end }) => [offset, end])).toEqual([
      [start, 2 * start],
      [2 * start, 3 * start],
    ]);
    expect(follower.offsets.get('trainer')).toBe(3 * start);
    await follower.close();
  });

  it('warns of lines that hold no event and goes on, of an unknown type once', async () => {
    mkdirSync(events);
    const bad = [
      'no json\n',
      '[]\n',
      '{"v":1,"type":"weather"}\n',
      '{"v":1,"type":"weather"}\n',
      '{"v":1,"type":"metric","key":"a","value":1,"step":0.5,"time_ms":1}\n',
      '\n',
      `${JSON.stringify({ v: 1, type: 'tag', key: 'note', value: 'x'.repeat(1_300_000) })}\n`,
    ];
    writeFileSync(join(events, 'trainer.ndjson'), bad.join('') + tag('good'));
    appendFileSync(join(events, 'trainer.ndjson'), Buffer.from([0xff, 0x0a]));
    const warnings: string[] = [];
    const follower = new RunLogFollower(events, { onWarning: (text) => warnings.push(text) });
    const found = [];
    const invalid = [];
    for (let read = 0; read < 5; read++) {
      const lines = await follower.read();
      found.push(...lines.entries.map(({ event }) => event.type === 'tag' && event.value));
      invalid.push(...lines.invalid);
    }
    expect(found).toEqual(['good']);
    // What was meant as an event, and what may have been one; the rest of a line that a kill has torn is neither.
    const start = (index: number): number => Buffer.byteLength(bad.slice(0, index).join(''));
    expect(invalid).toEqual([
      { writer: 'trainer', offset: start(4), event: JSON.parse(bad[4] ?? ''), reason: expect.stringContaining('step') },
      { writer: 'trainer', offset: start(6), event: { type: 'line' }, reason: expect.stringContaining('longer than') },
    ]);
    expect(warnings).toHaveLength(6);
    expect(warnings.join('\n')).toMatch(/byte 0: .*it is no JSON/);
    expect(warnings.join('\n')).toMatch(/unknown type "weather"/);
    expect(warnings.join('\n')).toMatch(/step: .*/);
    expect(warnings.join('\n')).toMatch(/longer than 1048576 bytes/);
    expect(warnings.join('\n')).toMatch(/no UTF-8/);
    await follower.close();
  });

  it('tells in a few words what is wrong with an event of many faults, and hands on its plain fields alone', async () => {
    mkdirSync(events);
    const params = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`p${index}`, index]));
    const model = { v: 1, type: 'model', name: 'net', path: 'model', register: null, params };
    writeFileSync(join(events, 'trainer.ndjson'), `${JSON.stringify(model)}\n`);
    const follower = new RunLogFollower(events);
    const [invalid] = (await follower.read()).invalid;
    expect(invalid?.event).toEqual({ v: 1, type: 'model', name: 'net', path: 'model', register: null });
    expect(invalid?.reason).toMatch(/^params\.p0: .*expected string/);
    expect(invalid?.reason.length).toBeLessThan(1000);
    await follower.close();
  });

  it('passes over a version it does not know', async () => {
    mkdirSync(events);
    writeFileSync(join(events, 'trainer.ndjson'), '{"v":2,"type":"tag","name":"x"}\n');
    const warnings: string[] = [];
    const follower = new RunLogFollower(events, { onWarning: (text) => warnings.push(text) });
    expect(await values(follower)).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('tag (version 2)')]);
    await follower.close();
  });

  it('reads a line of a megabyte and one byte more not', async () => {
    mkdirSync(events);
    const line = (bytes: number) => tag('x'.repeat(bytes + 1 - Buffer.byteLength(tag(''))));
    writeFileSync(join(events, 'trainer.ndjson'), line(1024 * 1024) + line(1024 * 1024 + 1) + tag('last'));
    const lengths = [];
    for await (const { event } of readRunLog(runDirectory)) lengths.push(event.type === 'tag' && event.value.length);
    expect(lengths).toEqual([1024 * 1024 + 1 - Buffer.byteLength(tag('')), 4]);
  });
});

describe('readRunLog', () => {
  it('gives every event of a long log once', async () => {
    const log = RunLogAppender.open(runDirectory, 'trainer');
    for (let step = 0; step < 20_000; step++) log.metric('loss', step / 7, step, { timeMs: step });
    log.close();
    let next = 0;
    for await (const { event } of readRunLog(runDirectory)) {
      expect(event).toEqual({ v: 1, type: 'metric', key: 'loss', value: next / 7, step: next, time_ms: next });
      next += 1;
    }
    expect(next).toBe(20_000);
  });

  it('tells the last value of each metric by step', async () => {
    const log = RunLogAppender.open(runDirectory, 'trainer');
    log.metric('loss', 0.1, 2);
    log.metric('loss', 0.2, 1);
    log.metric('auc', Number.NaN, 1);
    log.close();
    expect(await lastMetricValues(runDirectory)).toEqual({ loss: 0.1, auc: Number.NaN });
  });

  it('tells why the program says it failed, unless it ended well after that', async () => {
    expect(await lastReason(runDirectory)).toBeNull();
    const log = RunLogAppender.open(runDirectory, 'trainer');
    log.end('FAILED', 'there are no cells');
    expect(await lastReason(runDirectory)).toBe('there are no cells');
    log.end('FINISHED');
    log.close();
    expect(await lastReason(runDirectory)).toBeNull();
  });
});
