import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Journal, readJournal } from '../../../src/agent/journal.ts';
import { temporaryDirectory } from '../../support/index.ts';

test('the journal has one JSON object a line, after what an earlier agent wrote', async () => {
  await using folder = await temporaryDirectory();
  new Journal(folder.join('agent.log')).emit({ type: 'notice', text: 'one' });
  new Journal(folder.join('agent.log')).emit({ type: 'notice', text: 'two' });
  const lines = readFileSync(folder.join('agent.log'), 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).text)).toEqual(['one', 'two']);
});

test('no secret gets into the journal, whatever text repeats it', async () => {
  await using folder = await temporaryDirectory();
  const log = folder.join('agent.log');
  const journal = new Journal(log, ['correct-horse', 'step-failed']);
  const failing = journal.step('build', 'image', async (progress) => {
    progress('RUN with http_proxy=http://ada:correct-horse@proxy', 'the whole line with correct-horse');
    throw new Error('stopped at correct-horse');
  });
  await failing.catch((error: unknown) => journal.defect(error));
  const text = readFileSync(log, 'utf8');
  expect(text).toContain('ada:***@proxy');
  expect(text).toContain('stopped at ***');
  expect(text).not.toContain('correct-horse');
  expect(readJournal(log).map(({ type }) => type)).toEqual(['step-started', 'step-progress', 'step-failed']);
});

test('a program that puts a link in place of the journal gets nothing written where it leads', async () => {
  await using folder = await temporaryDirectory();
  mkdirSync(folder.join('logs'));
  writeFileSync(folder.join('elsewhere'), 'kept\n');
  const log = folder.join('logs', 'agent.log');
  const running = new Journal(log);
  running.emit({ type: 'notice', text: 'before' });
  rmSync(log);
  symlinkSync(folder.join('elsewhere'), log);
  // The agent that is at work goes on; one that takes over carries the run to its end, and knows that nobody hears it.
  running.emit({ type: 'notice', text: 'after' });
  const other = new Journal(log);
  other.emit({ type: 'notice', text: 'other' });
  expect([running.isBroken, other.isBroken]).toEqual([false, true]);
  expect(readFileSync(folder.join('elsewhere'), 'utf8')).toBe('kept\n');
});

test('the journal is read without what is no event; where a pipe stands in its place, nothing is', async () => {
  await using folder = await temporaryDirectory();
  const notice = { timeMs: 1, type: 'notice', text: 'here' };
  writeFileSync(
    folder.join('agent.log'),
    `Error: a stack\n{"timeMs":1,"ty\n{"timeMs":1,"type":"result"}\n${JSON.stringify(notice)}\n`,
  );
  expect(readJournal(folder.join('agent.log'))).toEqual([notice]);
  execFileSync('mkfifo', [folder.join('pipe')]);
  expect(readJournal(folder.join('pipe'))).toEqual([]);
});
