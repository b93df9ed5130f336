import { uptime } from 'node:os';
import type { DockerEngine, LogSink } from '../docker/index.ts';
import { type OutputStream, outputStreams } from '../runs/output-log.ts';
import { OutputCopy, type OutputCopyOptions } from './output-copy.ts';
import type { ResumePoint } from './output-cursor.ts';

/** What is told of a time must be older than messages that are dated and not told yet. */
const ripeAfterMs = 5000;
/** A clock that differs by more from what it should show was set. */
const clockToleranceMs = 2000;
const newline = 0x0a;

/**
 * Copies a container's output to the run folder until the container ends. The engine keeps all of it with its times, so
 * that any agent goes on from what is remembered: nothing is lost or doubled, whoever began the copy.
 * @param isLast Whether the container had ended before: what comes is then all there is.
 */
export async function copyContainerOutput(
  engine: DockerEngine,
  containerId: string,
  options: OutputCopyOptions,
  isLast: boolean,
): Promise<void> {
  const copy = await OutputCopy.open(options);
  try {
    const resume = engine.isLocal ? usable(copy) : null;
    const points = new ResumePoints(resume);
    const skip = { stdout: copy.stdout.rawBytes, stderr: copy.stderr.rawBytes };
    for (const stream of outputStreams) skip[stream] -= resume?.[stream] ?? 0;
    const sink = (stream: OutputStream): LogSink => {
      const writer = copy[stream];
      return (chunk, time) => {
        points.saw(stream, chunk, time);
        const skipped = Math.min(skip[stream], chunk.length);
        skip[stream] -= skipped;
        if (skipped < chunk.length) writer.add(chunk.subarray(skipped), `${time.slice(0, 23)}Z`);
      };
    };
    await engine.containerLogs(containerId, {
      stdout: sink('stdout'),
      stderr: sink('stderr'),
      onPause: () => copy.flush(points.ripe),
      timestamps: true,
      follow: true,
      ...(resume === null ? {} : { since: resume.since }),
      signal: options.signal,
    });
    if (isLast) for (const stream of outputStreams) copy[stream].end(new Date().toISOString());
    await copy.flush(points.ripe);
    await copy.remember(points.ripe);
  } finally {
    copy.close();
  }
}

/** The remembered point, unless the clock was set, or the machine started again, since: messages may then bear any time. */
function usable({ resume, stdout, stderr }: OutputCopy): ResumePoint | null {
  if (resume === null || resume.stdout > stdout.rawBytes || resume.stderr > stderr.rawBytes) return null;
  const isClockSame = Math.abs(bootedAtMs() - resume.bootedAtMs) < clockToleranceMs;
  return isClockSame && Date.now() >= Date.parse(resume.since) ? resume : null;
}

function bootedAtMs(): number {
  return Date.now() - uptime() * 1000;
}

/**
 * Looks for a time before which all messages lie before it in the stream, and after which none of them: from there the
 * engine can be asked for the rest. The pieces of a long line all bear the time of the first one, so that a point lies
 * between lines; the two streams are dated apart and meet a moment later, so that it counts when it is some seconds old.
 */
export class ResumePoints {
  #ripe: ResumePoint | null;
  #candidate: ResumePoint | null = null;
  #latest = '';
  #second = '';
  readonly #seen = { stdout: 0, stderr: 0 };
  readonly #isLineOpen = { stdout: false, stderr: false };

  /** @param from Where the stream begins; null for at its beginning. */
  constructor(from: ResumePoint | null) {
    this.#ripe = from;
    if (from !== null) this.#seen = { stdout: from.stdout, stderr: from.stderr };
  }

  get ripe(): ResumePoint | null {
    return this.#ripe;
  }

  /** A message, or a piece of one, in the order of the stream. */
  saw(stream: OutputStream, chunk: Buffer, time: string): void {
    if (this.#ripe !== null && time < this.#ripe.since) this.#ripe = null;
    if (this.#candidate !== null && time < this.#candidate.since) this.#candidate = null;
    // Once a second is enough, and costs nothing.
    if (time > this.#latest) {
      const second = time.slice(0, 19);
      if (second !== this.#second && !this.#isLineOpen.stdout && !this.#isLineOpen.stderr) this.#advance(time);
      this.#second = second;
      this.#latest = time;
    }
    this.#seen[stream] += chunk.length;
    if (chunk.length > 0) this.#isLineOpen[stream] = chunk[chunk.length - 1] !== newline;
  }

  #advance(time: string): void {
    const { stdout, stderr } = this.#seen;
    const isRipe = this.#candidate !== null && Date.parse(time) - Date.parse(this.#candidate.since) >= ripeAfterMs;
    if (isRipe) this.#ripe = this.#candidate;
    if (isRipe || this.#candidate === null) {
      this.#candidate = { since: time, stdout, stderr, bootedAtMs: bootedAtMs() };
    }
  }
}
