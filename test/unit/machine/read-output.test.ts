import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readLines, readOutput } from '../../../src/machine/read-output.ts';
import { outputLine } from '../../../src/runs/output-log.ts';
import { temporaryDirectory } from '../../support/index.ts';

const never = new AbortController().signal;
const both = ['stdout', 'stderr'] as const;
const at = (ms: number, text: string): string => `${outputLine(1_800_000_000_000 + ms, text)}\n`;

async function all(batches: AsyncGenerator<readonly (string | { readonly text: string })[]>): Promise<string[]> {
  const texts: string[] = [];
  for await (const batch of batches) texts.push(...batch.map((line) => (typeof line === 'string' ? line : line.text)));
  return texts;
}

describe('the output of a program', () => {
  it('is merged by the times of its lines, over all parts', async () => {
    await using logs = await temporaryDirectory();
    writeFileSync(logs.join('stdout.log'), at(1, 'a') + at(4, 'd'));
    writeFileSync(logs.join('stdout.1.log'), at(6, 'f'));
    writeFileSync(logs.join('stdout.10.log'), at(8, 'h'));
    writeFileSync(logs.join('stdout.2.log'), at(7, 'g'));
    writeFileSync(logs.join('stderr.log'), at(2, 'b') + at(3, 'c') + at(5, 'e'));
    const options = { streams: both, tail: null, signal: never };
    expect(await all(readOutput(logs.path, options))).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
    expect(await all(readOutput(logs.path, { ...options, streams: ['stderr'] }))).toEqual(['b', 'c', 'e']);
  });

  it('keeps a line without a time behind the one before it, and a last line without an end', async () => {
    await using logs = await temporaryDirectory();
    writeFileSync(logs.join('stdout.log'), `${at(1, 'a')}more of a\n${at(3, 'c')}torn`);
    writeFileSync(logs.join('stderr.log'), at(2, 'b'));
    const read = readOutput(logs.path, { streams: both, tail: null, signal: never });
    expect(await all(read)).toEqual(['a', 'more of a', 'b', 'c', 'torn']);
  });

  it.each([
    [0, []],
    [1, ['g']],
    [3, ['e', 'f', 'g']],
    [5, ['c', 'd', 'e', 'f', 'g']],
    [50, ['a', 'b', 'c', 'd', 'e', 'f', 'g']],
  ])('has %i last lines, of both streams together', async (tail, expected) => {
    await using logs = await temporaryDirectory();
    writeFileSync(logs.join('stdout.log'), at(1, 'a') + at(2, 'b'));
    writeFileSync(logs.join('stdout.1.log'), at(5, 'e') + at(7, 'g').trimEnd());
    writeFileSync(logs.join('stderr.log'), at(3, 'c') + at(4, 'd') + at(6, 'f'));
    expect(await all(readOutput(logs.path, { streams: both, tail, signal: never }))).toEqual(expected);
  });

  it('is followed until its end, with what comes last and into new parts', async () => {
    await using logs = await temporaryDirectory();
    writeFileSync(logs.join('stdout.log'), at(1, 'a'));
    const steps = [
      () => appendFileSync(logs.join('stdout.log'), at(2, 'b').slice(0, 30)),
      () => appendFileSync(logs.join('stdout.log'), at(2, 'b').slice(30)),
      () => writeFileSync(logs.join('stdout.1.log'), at(3, 'c')),
    ];
    const isOver = async (): Promise<boolean> => {
      const step = steps.shift();
      step?.();
      if (step !== undefined) return false;
      // Written between the last reading and the end.
      writeFileSync(logs.join('stderr.log'), `${at(4, 'd')}e`);
      return true;
    };
    const read = readOutput(logs.path, { streams: both, tail: null, signal: never, isOver });
    expect(await all(read)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('is that of a run which has written nothing, in a folder that is not there', async () => {
    const read = readOutput('/nowhere/logs', { streams: both, tail: 5, signal: never });
    expect(await all(read)).toEqual([]);
  });

  it('gives nothing of what a program put in the place of a log', async () => {
    await using logs = await temporaryDirectory();
    mkdirSync(logs.join('stdout.log'));
    expect(await all(readOutput(logs.path, { streams: both, tail: 1, signal: never }))).toEqual([]);
  });

  it('takes no more memory for a long log than for a short one', async () => {
    await using logs = await temporaryDirectory();
    const lines = 400_000;
    const text = 'x'.repeat(100);
    for (let index = 0; index < lines; index += 10_000) {
      appendFileSync(logs.join('stdout.log'), Array.from({ length: 10_000 }, (_, i) => at(index + i, text)).join(''));
    }
    let count = 0;
    let highest = 0;
    globalThis.gc?.();
    const before = process.memoryUsage().arrayBuffers;
    for await (const batch of readOutput(logs.path, { streams: both, tail: null, signal: never })) {
      count += batch.length;
      expect(batch.length).toBeLessThan(1000);
      highest = Math.max(highest, process.memoryUsage().arrayBuffers - before);
    }
    expect(count).toBe(lines);
    // The log has 50 MB.
    expect(highest).toBeLessThan(30_000_000);
  });
});

it('the last lines of one file are found by its end', async () => {
  await using folder = await temporaryDirectory();
  const file = folder.join('agent.log');
  writeFileSync(file, Array.from({ length: 30_000 }, (_, index) => `line ${index}\n`).join(''));
  const read = (tail: number) => all(readLines(file, { tail, signal: never }));
  expect(await read(2)).toEqual(['line 29998', 'line 29999']);
  expect(await read(20_000)).toHaveLength(20_000);
});
