import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { DockerEngine } from '../../../src/docker/index.ts';
import { CannotWriteError } from '../../../src/errors.ts';
import { copyOutput } from '../../../src/executors/container-output.ts';
import { temporaryDirectory } from '../../support/index.ts';

const never = new AbortController().signal;

/** An engine that tells the same output to everyone who asks. */
const engine = {
  async containerLogs(_id: string, options: Parameters<DockerEngine['containerLogs']>[1]) {
    for (const text of ['one\n', 'two\n']) await options.stdout(Buffer.from(text));
    await options.stderr(Buffer.from('wrong\n'));
  },
} as unknown as DockerEngine;

test('output is in the files once, whoever copied a part of it before', async () => {
  await using run = await temporaryDirectory();
  mkdirSync(run.join('logs'));
  writeFileSync(run.join('logs', 'stdout.log'), 'one\nt');
  await copyOutput(engine, 'id', run.path, never);
  await copyOutput(engine, 'id', run.path, never);
  expect(readFileSync(run.join('logs', 'stdout.log'), 'utf8')).toBe('one\ntwo\n');
  expect(readFileSync(run.join('logs', 'stderr.log'), 'utf8')).toBe('wrong\n');
});

test("output follows that of earlier attempts, which is not taken for the program's own", async () => {
  await using run = await temporaryDirectory();
  mkdirSync(run.join('logs'));
  writeFileSync(run.join('logs', 'stdout.log'), 'a long output before\none\nt');
  const starts = { stdout: 'a long output before\n'.length, stderr: 0 };
  await copyOutput(engine, 'id', run.path, never, starts);
  await copyOutput(engine, 'id', run.path, never, starts);
  expect(readFileSync(run.join('logs', 'stdout.log'), 'utf8')).toBe('a long output before\none\ntwo\n');
});

test.each(['stdout.log', 'stderr.log'])('nothing is written where a program made %s a link to', async (name) => {
  await using run = await temporaryDirectory();
  mkdirSync(run.join('logs'));
  writeFileSync(run.join('elsewhere'), '');
  symlinkSync(run.join('elsewhere'), run.join('logs', name));
  await expect(copyOutput(engine, 'id', run.path, never)).rejects.toThrow(CannotWriteError);
  expect(readFileSync(run.join('elsewhere'), 'utf8')).toBe('');
});
