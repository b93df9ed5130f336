import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RunTails } from '../../../src/launch/run-tails.ts';
import { temporaryDirectory } from '../../support/index.ts';

test('a run is watched whatever else its program puts among the files that tell of it', async () => {
  await using run = await temporaryDirectory();
  const tails = new RunTails(run.path);
  writeFileSync(run.join('secret'), 'of this machine\n');
  const metric = { v: 1, type: 'metric', key: 'loss', value: 0.5, step: 1, time_ms: 1 };
  writeFileSync(run.join('events', 'trainer.ndjson'), `${JSON.stringify(metric)}\n`);
  mkdirSync(run.join('events', 'folder.ndjson'));
  symlinkSync(run.join('nothing'), run.join('events', 'dangling.ndjson'));
  execFileSync('mkfifo', [run.join('events', 'pipe.ndjson'), run.join('logs', 'stderr.log')]);
  symlinkSync(run.join('secret'), run.join('logs', 'stdout.log'));
  expect(tails.read()).toEqual([{ timeMs: 1, type: 'metric', key: 'loss', value: 0.5, step: 1 }]);
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
