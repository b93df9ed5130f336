import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { environment } from '../../src/config.ts';
import { DockerEngine, type LogOptions } from '../../src/docker/index.ts';
import { copyContainerOutput } from '../../src/executors/container-output.ts';
import { createExecutor, type ProgramHandle } from '../../src/executors/index.ts';
import type { OutputCursor } from '../../src/executors/output-cursor.ts';
import { outputParts, runPaths } from '../../src/runs/index.ts';
import { testBaseImage } from '../support/base-image.ts';
import { examplePlan } from '../support/example-plan.ts';
import { keptOutput, requireDocker, skip, type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';
import { typeScriptProgram } from '../support/typescript-process.ts';

const uid = 4242;
const runId = '20260102-030405-outp';
const secret = 'a-secret-that-nobody-may-see';
const never = new AbortController().signal;
const context = { signal: never, onProgress: () => {}, onNotice: () => {} };
const follower = join(import.meta.dirname, 'support', 'follow-output.ts');

/** Prints `blocks` of what output may be, with a pause after each, and writes the same to a file beside each stream. */
const program = `
import { appendFileSync, writeSync } from 'node:fs';
const [, , storage, blocks, pauseMs, bytes] = process.argv;
const say = (stream, data) => {
  const all = Buffer.from(data);
  for (let at = 0; at < all.length; ) at += writeSync(stream, all, at);
  appendFileSync(storage + '/written.' + stream, all);
};
for (let block = 0; block < Number(blocks); block += 1) {
  say(1, 'block ' + block + '\\n\\n' + String.fromCharCode(0x61 + block % 26).repeat(40000) + '\\r\\n');
  say(2, 'error ' + block + ' in \\0 Grüße ✓\\n');
  if (bytes !== '') say(1, Buffer.from(bytes, 'hex'));
  say(1, 'the key is ${secret}, 10%\\r20%\\r');
  if (Number(pauseMs) > 0) await new Promise((resolve) => setTimeout(resolve, Number(pauseMs)));
  say(1, '100%\\n');
}
say(1, 'without an end');
`;

let storage: TemporaryDirectory;
beforeEach(async () => {
  storage = await temporaryDirectory();
  mkdirSync(runPaths(storage.path, runId).logs, { recursive: true });
  writeFileSync(storage.join('program.mjs'), program);
});
afterEach(() => storage.remove());

const logs = (): string => runPaths(storage.path, runId).logs;

function following(handle: ProgramHandle): ChildProcess {
  const { directory } = runPaths(storage.path, runId);
  const words = [String(handle.executor), JSON.stringify(handle), directory, secret];
  return spawn(process.execPath, [...typeScriptProgram(follower), ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Follows to the end; answers the most memory that took, in MiB. */
async function follow(handle: ProgramHandle): Promise<number> {
  const child = following(handle);
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  expect(code).toBe(0);
  return Number(text) / 1024;
}

/** Kills one agent after the other while it copies; the last one ends in peace. */
async function followKilled(handle: ProgramHandle, kills: number): Promise<void> {
  for (let count = 0; count < kills; count += 1) {
    const child = following(handle);
    const ended = once(child, 'close');
    await sleep(200 + Math.random() * 600);
    child.kill('SIGKILL');
    await ended;
  }
  await follow(handle);
}

function expectWhole(): void {
  for (const [stream, number] of [
    ['stdout', 1],
    ['stderr', 2],
  ] as const) {
    const written = readFileSync(storage.join(`written.${number}`))
      .toString('latin1')
      .replaceAll(secret, '***');
    const kept = keptOutput(logs(), stream).toString('latin1');
    expect(kept.length).toBe(written.length);
    expect(kept === written).toBe(true);
  }
}

async function startOnHost(...words: readonly (string | number)[]): Promise<ProgramHandle> {
  const command = `${process.execPath} program.mjs ${storage.path} ${words.join(' ')}`;
  const common = { runId, projectDirectory: storage.path, storageDirectory: storage.path };
  const plan = examplePlan({ ...common, command, engine: 'host' });
  const { directory: runDirectory } = runPaths(storage.path, runId);
  return createExecutor('host').start(
    { plan, prepared: { image: null, reused: true }, runDirectory, environment: {} },
    context,
  );
}

describe('the output of a program on the host', () => {
  it('is kept to the byte, whenever its agents are killed', { timeout: 60_000 }, async () => {
    const handle = await startOnHost(60, 100, '00fffec3280a');
    await followKilled(handle, 10);
    expectWhole();
    await createExecutor('host').remove(handle);
    await follow(handle);
    expectWhole();
  });

  it('of a great deal neither keeps it waiting nor fills memory', { timeout: 120_000 }, async () => {
    const handle = await startOnHost(5000, 0, "''");
    const memoryMiB = await follow(handle);
    expectWhole();
    // As the document says; it ends the last line.
    const command = /^cat .*stdout.*$/m.exec(
      readFileSync(join(import.meta.dirname, '../../docs/output.md'), 'utf8'),
    )?.[0];
    const bytes = execFileSync('sh', ['-c', command ?? ''], { cwd: logs(), maxBuffer: 2 ** 30 });
    expect(bytes.equals(Buffer.concat([keptOutput(logs(), 'stdout'), Buffer.from('\n')]))).toBe(true);
    expect(outputParts(logs(), 'stdout').length).toBeGreaterThan(20);
    expect(memoryMiB).toBeLessThan(250);
  });
});

describe('the output on a disk that is full', () => {
  /** An engine that tells 3 MiB of lines. */
  const engine = {
    isLocal: true,
    async containerLogs(_id: string, options: LogOptions) {
      for (let second = 10; second < 58; second += 1) {
        await options.stdout(Buffer.from(`${'x'.repeat(1023)}\n`.repeat(64)), `2026-01-02T03:04:${second}.000000000Z`);
        await options.onPause?.();
      }
    },
  } as unknown as DockerEngine;

  it('waits for room, says so once, and is whole in the end', async () => {
    const { directory: runDirectory } = runPaths(storage.path, runId);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'slipway-test', logs()], { stdio: 'ignore' });
    } catch {
      skip('this user cannot mount a small disk');
    }
    try {
      const ballast = join(logs(), 'ballast');
      writeFileSync(ballast, Buffer.alloc(3 * 1024 * 1024));
      const warnings: string[] = [];
      const output = { runDirectory, onWarning: (text: string) => void warnings.push(text) };
      const copied = copyContainerOutput(engine, 'id', { output, signal: never, hasEnded: async () => false }, true);
      while (warnings.length === 0) await sleep(50);
      rmSync(ballast);
      await copied;
      expect(keptOutput(logs(), 'stdout').toString()).toBe(`${'x'.repeat(1023)}\n`.repeat(64 * 48));
      expect(warnings).toEqual([
        expect.stringMatching(/waits for room on the disk of the run folder, and the program goes on: .*ENOSPC/),
        expect.stringContaining('is written again'),
      ]);
    } finally {
      execFileSync('umount', [logs()]);
    }
  });
});

describe('the output of a container', () => {
  let engine: DockerEngine;
  let base: string;
  beforeAll(async () => {
    await requireDocker();
    engine = await DockerEngine.connect({ environment: environment() });
    base = await testBaseImage();
  });
  afterEach(async () => {
    for (const { id } of await engine.listContainers({ label: `slipway.run=${runId}` }))
      await engine.removeContainer(id);
  });
  async function start(...words: readonly (string | number)[]): Promise<ProgramHandle> {
    chownSync(storage.path, uid, uid);
    const command = `node /storage/program.mjs /storage ${words.join(' ')}`;
    const common = { runId, projectDirectory: storage.path, storageDirectory: storage.path, dockerImage: base };
    const plan = examplePlan({ ...common, command, base, uid });
    const executor = createExecutor('docker');
    const id = (await engine.inspectImage(base))?.id ?? '';
    const prepared = { image: { name: base, id }, reused: true };
    const { directory: runDirectory } = runPaths(storage.path, runId);
    return executor.start({ plan, prepared, runDirectory, environment: {} }, context);
  }

  it('is kept to the byte, whenever its agents are killed', { timeout: 120_000 }, async () => {
    // NUL, and no byte that is no text: of those the engine keeps none.
    const handle = await start(120, 100, '00e29c930a');
    await followKilled(handle, 16);
    // The last one did not read all of it again.
    const { resume } = JSON.parse(readFileSync(join(logs(), 'output.json'), 'utf8')) as OutputCursor;
    expect(resume?.stdout).toBeGreaterThan(1_000_000);
    expectWhole();
  });

  it('of a great deal neither keeps it waiting nor fills memory', { timeout: 300_000 }, async () => {
    const handle = await start(Number(environment().SLIPWAY_TEST_OUTPUT_BLOCKS ?? 5000), 0, "''");
    const memoryMiB = await follow(handle);
    expectWhole();
    expect(memoryMiB).toBeLessThan(250);
  });
});
