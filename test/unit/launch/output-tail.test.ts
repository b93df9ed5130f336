import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutputTail, type TailedLine } from '../../../src/launch/output-tail.ts';
import { outputLine } from '../../../src/runs/index.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

let run: TemporaryDirectory;
beforeEach(async () => {
  run = await temporaryDirectory();
  mkdirSync(run.join('logs'));
});
afterEach(() => run.remove());

const part = (name: string): string => run.join('logs', name);
const texts = (lines: readonly TailedLine[]): string[] =>
  lines.map(({ event }) => (event.type === 'output' ? event.line : event.type === 'notice' ? event.text : event.type));

describe('the output of a run as it is watched', () => {
  it('has lines with the times they were written at, from one part to the next', () => {
    const tail = new OutputTail(run.path, 'stdout');
    writeFileSync(part('stdout.log'), `${outputLine(7, 'one')}\n${outputLine(8, 'a line that goes')}`);
    expect(tail.read()).toEqual([{ event: { timeMs: 7, type: 'output', stream: 'stdout', line: 'one' }, orderMs: 7 }]);
    writeFileSync(part('stdout.1.log'), ` on\n${outputLine(9, 'three')}\n`);
    expect(texts(tail.read())).toEqual(['a line that goes on', 'three']);
    appendFileSync(part('stdout.1.log'), `${outputLine(10, '')}\n`);
    expect(texts(tail.read())).toEqual(['']);
  });

  it('of an earlier version, without times, is shown as well', () => {
    const tail = new OutputTail(run.path, 'stderr');
    writeFileSync(part('stderr.log'), 'plain\n');
    expect(texts(tail.read())).toEqual(['plain']);
  });

  it('begins behind what earlier attempts wrote', () => {
    writeFileSync(part('stdout.log'), `${outputLine(1, 'before')}\n`);
    writeFileSync(part('stdout.1.log'), `${outputLine(2, 'before')}\n${outputLine(3, 'after')}\n`);
    const size = outputLine(2, 'before').length + 1;
    const tail = new OutputTail(run.path, 'stdout', { 'logs/stdout.log': size, 'logs/stdout.1.log': size });
    expect(texts(tail.read())).toEqual(['after']);
  });

  it('shows a line that does not end after a while, and its rest once', () => {
    const tail = new OutputTail(run.path, 'stdout');
    writeFileSync(part('stdout.log'), outputLine(5, '10%\r20%\r'));
    expect(tail.read(1000)).toEqual([]);
    expect(tail.read(10_000)).toEqual([]);
    expect(texts(tail.read(11_000))).toEqual(['10%\r20%\r']);
    appendFileSync(part('stdout.log'), `30%\r\n${outputLine(6, 'next')}\n`);
    expect(texts(tail.read(12_000))).toEqual(['30%', 'next']);
  });

  it('shows a bar that draws itself in one line, also where most of that line is passed over', () => {
    const tail = new OutputTail(run.path, 'stdout');
    writeFileSync(part('stdout.log'), outputLine(5, '10%\r'.repeat(1_000_000)));
    tail.cutPast();
    const shown = [...tail.read(1000), ...tail.read(2000), ...tail.read(12_000)];
    expect(texts(shown)).toEqual([expect.stringMatching(/10%\r$/)]);
    appendFileSync(part('stdout.log'), `20%\r\n${outputLine(6, 'next')}\n`);
    expect(texts(tail.read(13_000))).toEqual(['20%', 'next']);
  });

  it('ends with a last line without an end', () => {
    const tail = new OutputTail(run.path, 'stdout');
    writeFileSync(part('stdout.log'), outputLine(5, 'last words'));
    expect(texts(tail.readAll())).toEqual(['last words']);
  });

  it('is read a bounded amount at a time, and passes over what is too far behind, telling how many lines', () => {
    const line = outputLine(5, 'x'.repeat(974));
    const block = `${line}\n`.repeat(8000);
    for (const name of ['stdout.log', 'stdout.1.log', 'stdout.2.log', 'stdout.3.log']) writeFileSync(part(name), block);
    appendFileSync(part('stdout.3.log'), `${outputLine(6, 'the end')}\n`);
    const tail = new OutputTail(run.path, 'stdout');
    const first = tail.read();
    expect(first.length).toBeGreaterThan(900);
    expect(first.length).toBeLessThan(1200);
    const rest = texts(tail.readAll());
    expect(rest.length).toBeLessThan(1300);
    const notice = rest.find((text) => text.startsWith('…')) ?? '';
    const skipped = Number(
      /^… ([\d,]+) lines of stdout are not shown: they are in /.exec(notice)?.[1]?.replaceAll(',', ''),
    );
    expect(first.length + skipped + rest.length - 1).toBe(32_001);
    expect(rest.at(-1)).toBe('the end');
  });
});
