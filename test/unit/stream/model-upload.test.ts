import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LogEntry } from '../../../src/runlog/index.ts';
import { runPathsOf } from '../../../src/runs/index.ts';
import type { LaneContext } from '../../../src/stream/lane-context.ts';
import { uploadModel } from '../../../src/stream/model-upload.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

let run: TemporaryDirectory;
let uploaded: string[];
let warnings: string[];
const event = { v: 1, type: 'model', name: 'cells', path: 'model', register: null } as const;
const entry: LogEntry = { writer: 'trainer', offset: 7, end: 20, event };

beforeEach(async () => {
  run = await temporaryDirectory();
  uploaded = [];
  warnings = [];
  mkdirSync(run.join('run', 'model'), { recursive: true });
  mkdirSync(run.join('run', 'sync'));
  writeFileSync(run.join('elsewhere'), 'password: secret\n');
  writeFileSync(run.join('run', 'model', 'weights.bin'), 'weights');
});
afterEach(() => run.remove());

/** What `uploadModel` uses of its context, with a store that remembers what it is given. */
function upload(): Promise<string | null> {
  const runDirectory = run.join('run');
  const context = {
    options: { runDirectory, mlflowRunId: '0123' },
    paths: runPathsOf(runDirectory),
    persistence: { keepTrying: (work: () => Promise<unknown>) => work() },
    signal: new AbortController().signal,
    warn: (text: string) => warnings.push(text),
  } as unknown as LaneContext;
  const store = {
    upload: async (file: string, to: string) => uploaded.push(`${to}: ${readFileSync(file, 'utf8')}`),
  } as unknown as Parameters<typeof uploadModel>[3]['store'];
  return uploadModel(context, event, entry, { store, folder: '', modelId: 'm-1', artifactPath: 'model' });
}

it('completes the MLmodel file, and overwrites nothing where a program laid a link for it', async () => {
  writeFileSync(run.join('run', 'model', 'MLmodel'), 'flavors: {}\n');
  symlinkSync(run.join('elsewhere'), run.join('run', 'sync', 'trainer-7.MLmodel'));
  expect(await upload()).toContain('model_id: m-1');
  expect(uploaded[1]).toMatch(/^MLmodel: flavors: \{\}\n[\s\S]*model_id: m-1/);
  expect(readFileSync(run.join('elsewhere'), 'utf8')).toBe('password: secret\n');
});

it('does not carry a file of the machine to the server that the MLmodel file is a link to', async () => {
  symlinkSync(run.join('elsewhere'), run.join('run', 'model', 'MLmodel'));
  expect(await upload()).toBeNull();
  expect(uploaded).toEqual(['weights.bin: weights']);
  expect(warnings.join('\n')).toContain('leads out of the run folder');
});
