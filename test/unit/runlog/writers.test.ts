import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LineCursor } from '../../../src/runlog/cursor.ts';
import { listWriters, listWritersSync, RunLogAppender, RunLogFollower } from '../../../src/runlog/index.ts';
import { pendingBytes } from '../../../src/stream/pending-bytes.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

const line = `${JSON.stringify({ v: 1, type: 'tag', key: 'note', value: 'x' })}\n`;

let run: TemporaryDirectory;
beforeEach(async () => {
  run = await temporaryDirectory();
  mkdirSync(run.join('events'));
  writeFileSync(run.join('elsewhere'), line);
  writeFileSync(run.join('events', 'trainer.ndjson'), line);
  writeFileSync(run.join('events', '.hidden.ndjson'), line);
  symlinkSync(run.join('nothing'), run.join('events', 'dangling.ndjson'));
  mkdirSync(run.join('events', 'folder.ndjson'));
  symlinkSync(run.join('elsewhere'), run.join('events', 'link.ndjson'));
  execFileSync('mkfifo', [run.join('events', 'pipe.ndjson')]);
});
afterEach(() => run.remove());

describe('the writers of a run log', () => {
  it('are the regular files alone', async () => {
    const others: string[] = [];
    expect(await listWriters(run.join('events'), (name) => others.push(name))).toEqual(['trainer']);
    expect(others.sort()).toEqual(['dangling.ndjson', 'folder.ndjson', 'link.ndjson', 'pipe.ndjson']);
    expect(listWritersSync(run.join('events'))).toEqual(['trainer']);
    expect(listWritersSync(run.join('missing'))).toEqual([]);
  });

  it('are followed, and what is none is warned about once', async () => {
    const warnings: string[] = [];
    const follower = new RunLogFollower(run.join('events'), { onWarning: (text) => warnings.push(text) });
    const { entries } = await follower.read();
    await follower.read();
    await follower.close();
    expect(entries.map(({ writer }) => writer)).toEqual(['trainer']);
    expect(warnings).toHaveLength(4);
    expect(warnings.join('\n')).toContain('pipe.ndjson');
  });

  it('have the only bytes that are waited for', () => {
    expect(pendingBytes(run.join('events'), null)).toBe(Buffer.byteLength(line));
  });

  it.each(['pipe', 'link', 'dangling', 'folder'])('are not read where a %s has taken their place', async (name) => {
    const cursor = new LineCursor(run.join('events', `${name}.ndjson`));
    expect(await cursor.read({ final: true })).toEqual([]);
    await cursor.close();
  });

  it('do not append to where a link leads', () => {
    symlinkSync(run.join('elsewhere'), run.join('events', 'agent.ndjson'));
    expect(() => RunLogAppender.open(run.path, 'agent')).toThrow(/agent\.ndjson.*regular file/);
    rmSync(run.join('events', 'agent.ndjson'));
    RunLogAppender.open(run.path, 'agent').close();
  });
});
