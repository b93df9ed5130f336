import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import type { DockerEngine, LogOptions } from '../../../src/docker/index.ts';
import { CannotWriteError } from '../../../src/errors.ts';
import { copyContainerOutput, ResumePoints } from '../../../src/executors/container-output.ts';
import { readOutputCursor, writeOutputCursor } from '../../../src/executors/output-cursor.ts';
import { keptOutput, type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

type Message = readonly ['stdout' | 'stderr', string, string];

let run: TemporaryDirectory;
beforeEach(async () => {
  run = await temporaryDirectory();
  mkdirSync(run.join('logs'));
});
afterEach(() => run.remove());

const time = (second: number, nanoseconds = 123_456_789): string =>
  `2026-01-02T03:04:${String(second).padStart(2, '0')}.${String(nanoseconds).padStart(9, '0')}Z`;

/** An engine that tells the same messages to everyone who asks, as they are or cut, and what it was asked for. */
function engineOf(messages: readonly Message[], pieceBytes = 1000) {
  const asked: (string | undefined)[] = [];
  const engine = {
    isLocal: true,
    async containerLogs(_id: string, options: LogOptions) {
      asked.push(options.since);
      const first = messages.findIndex(([, stamp]) => stamp >= (options.since ?? ''));
      for (const [stream, stamp, text] of messages.slice(first)) {
        const bytes = Buffer.from(text, 'latin1');
        for (let start = 0; start < bytes.length; start += pieceBytes) {
          await options[stream](bytes.subarray(start, start + pieceBytes), stamp);
          await options.onPause?.();
        }
      }
    },
  };
  return { engine: engine as unknown as DockerEngine, asked };
}

async function copy(engine: DockerEngine, output: object = {}): Promise<void> {
  const options = {
    output: { runDirectory: run.path, ...output },
    signal: new AbortController().signal,
    hasEnded: async () => true,
  };
  await copyContainerOutput(engine, 'id', options, true);
}

const read = (name: string): string => readFileSync(run.join('logs', name), 'latin1');

const messages: readonly Message[] = [
  ['stdout', time(1), 'one\n'],
  ['stdout', time(2), '\n'],
  ['stderr', time(2), 'wro'],
  ['stdout', time(3), 'a long '],
  ['stderr', time(2), 'ng\n'],
  ['stdout', time(3), 'line \0\xff\xfe\r\n'],
  ['stdout', time(9), 'last'],
];

describe('the output of a container', () => {
  it('stands with the time of each line, that of its first piece, and without an end of the last one', async () => {
    await copy(engineOf(messages).engine);
    expect(read('stdout.log')).toBe(
      '2026-01-02T03:04:01.123Z one\n2026-01-02T03:04:02.123Z \n2026-01-02T03:04:03.123Z a long line \0\xff\xfe\r\n2026-01-02T03:04:09.123Z last',
    );
    expect(read('stderr.log')).toBe('2026-01-02T03:04:02.123Z wrong\n');
  });

  it('is the same whatever was kept, and remembered, when the copying agent was killed', async () => {
    const { engine } = engineOf(messages, 3);
    await copy(engine);
    const whole = { stdout: read('stdout.log'), stderr: read('stderr.log') };
    const end = (await readOutputCursor(run.join('logs'), 1))!;
    const states = [null, end];
    // What an agent remembers after any byte of the program.
    for (let rawBytes = 0; rawBytes <= end.stdout.rawBytes; rawBytes += 1) {
      const lines = messages.flatMap(([stream, , text]) => (stream === 'stdout' ? [text] : [])).join('');
      const before = lines.slice(0, rawBytes);
      const isLineOpen = rawBytes > 0 && !before.endsWith('\n');
      const stamps = before.split('\n').length - (isLineOpen ? 0 : 1);
      const size = rawBytes + 25 * stamps;
      states.push({ ...end, stdout: { rawBytes, part: 0, size, isLineOpen }, resume: null });
    }
    for (const state of states) {
      for (const lost of [0, 1, 30]) {
        if (state === null) rmSync(run.join('logs', 'output.json'));
        else await writeOutputCursor(run.join('logs'), 1, state);
        writeFileSync(run.join('logs', 'stdout.log'), whole.stdout, 'latin1');
        writeFileSync(run.join('logs', 'stdout.1.log'), 'of a part that nobody remembers');
        const kept = Math.max(state?.stdout.size ?? 0, whole.stdout.length - lost);
        truncateSync(run.join('logs', 'stdout.log'), kept);
        await copy(engine);
        expect({ stdout: read('stdout.log'), stderr: read('stderr.log') }).toEqual(whole);
        expect(() => read('stdout.1.log')).toThrow();
      }
    }
  });

  it('is copied anew where a loss of power has left less than is remembered', async () => {
    const { engine } = engineOf(messages);
    await copy(engine);
    const whole = read('stdout.log');
    truncateSync(run.join('logs', 'stdout.log'), 30);
    await copy(engine);
    expect(read('stdout.log')).toBe(whole);
  });

  it('begins behind that of earlier attempts', async () => {
    writeFileSync(run.join('logs', 'stdout.log'), 'raw output of an earlier version\n');
    writeFileSync(run.join('logs', 'stdout.1.log'), 'marker\n');
    const starts = { stdout: { part: 1, size: 7 }, stderr: { part: 0, size: 0 } };
    const { engine } = engineOf([['stdout', time(1), 'mine\n']]);
    for (let times = 0; times < 2; times += 1) await copy(engine, { attempt: 2, starts });
    expect(read('stdout.log')).toBe('raw output of an earlier version\n');
    expect(read('stdout.1.log')).toBe('marker\n2026-01-02T03:04:01.123Z mine\n');
  });

  it('goes on in another part, within a line only where that does not end', async () => {
    const lines = `${'x'.repeat(1023)}\n`.repeat(9000);
    const { engine } = engineOf(
      [
        ['stdout', time(1), lines],
        ['stdout', time(2), 'y'.repeat(40 * 1024 * 1024)],
      ],
      65_536,
    );
    await copy(engine);
    expect(keptOutput(run.join('logs'), 'stdout').equals(Buffer.from(lines + 'y'.repeat(40 * 1024 * 1024)))).toBe(true);
    expect(read('stdout.log').endsWith('x\n')).toBe(true);
    expect(read('stdout.1.log').length).toBe(16 * 1024 * 1024);
    expect(read('stdout.2.log')).toMatch(/^y+$/);
    await copy(engine);
    expect(keptOutput(run.join('logs'), 'stdout').length).toBe(9000 * 1024 + 40 * 1024 * 1024);
  });

  it.each([1, 2, 5, 1000])('shows no secret, cut into pieces of %i bytes', async (pieceBytes) => {
    const secrets = ['hunter2hunter2'];
    const { engine } = engineOf(
      [
        ['stdout', time(1), 'the password is hunter2hunter2, not hunter2\n'],
        ['stdout', time(2), 'hunter2hunte'],
      ],
      pieceBytes,
    );
    for (let times = 0; times < 2; times += 1) await copy(engine, { secrets });
    expect(keptOutput(run.join('logs'), 'stdout').toString()).toBe('the password is ***, not hunter2\nhunter2hunte');
  });

  test.each(['stdout.log', 'stderr.log'])('is written nowhere else where a program made %s a link', async (name) => {
    writeFileSync(run.join('elsewhere'), '');
    symlinkSync(run.join('elsewhere'), run.join('logs', name));
    await expect(copy(engineOf(messages).engine)).rejects.toThrow(CannotWriteError);
    expect(readFileSync(run.join('elsewhere'), 'utf8')).toBe('');
  });
});

describe('the point from which the engine is asked again', () => {
  it('spares the messages before it, and changes nothing of what is kept', async () => {
    const many = Array.from({ length: 60 }, (_, second): Message => ['stdout', time(second), `line ${second}\n`]);
    const { engine, asked } = engineOf(many);
    await copy(engine);
    await copy(engine);
    expect(asked[0]).toBeUndefined();
    expect(Number(asked[1]?.slice(17, 19))).toBeGreaterThan(40);
    expect(keptOutput(run.join('logs'), 'stdout').toString()).toBe(many.map(([, , text]) => text).join(''));
  });

  it('is none where the clock was set since', async () => {
    const many = Array.from({ length: 60 }, (_, second): Message => ['stdout', time(second), `line ${second}\n`]);
    const { engine, asked } = engineOf(many);
    await copy(engine);
    const cursor = (await readOutputCursor(run.join('logs'), 1))!;
    const { resume } = cursor;
    await writeOutputCursor(run.join('logs'), 1, {
      ...cursor,
      resume: { ...resume!, bootedAtMs: resume!.bootedAtMs - 3_600_000 },
    });
    await copy(engine);
    expect(asked[1]).toBeUndefined();
  });

  it('is none while messages come that are older, or within a line', () => {
    const points = new ResumePoints(null);
    const see = (second: number, text: string, stream: 'stdout' | 'stderr' = 'stdout') =>
      points.saw(stream, Buffer.from(text), time(second));
    see(1, 'a\n');
    see(10, 'b\n');
    expect(points.ripe).toMatchObject({ since: time(1), stdout: 0 });
    see(20, 'c\n');
    expect(points.ripe).toMatchObject({ since: time(10), stdout: 2 });
    // Set back: what is older than the point lies behind it.
    see(5, 'd\n');
    expect(points.ripe).toBeNull();
    see(30, 'open', 'stderr');
    see(40, 'e\n');
    see(50, 'f\n');
    expect(points.ripe).toBeNull();
    // The rest of a line bears the time of its beginning.
    see(30, ' and shut\n', 'stderr');
    see(59, 'g\n');
    expect(points.ripe).toMatchObject({ since: time(30), stdout: 8, stderr: 0 });
  });
});
