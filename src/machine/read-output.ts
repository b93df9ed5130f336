import { type OutputStream, outputParts, parseOutputLine } from '../runs/output-log.ts';
import { sleep } from '../util/sleep.ts';
import { PartsReader, tailOf } from './parts-reader.ts';

const pollMs = 200;
/** Lines that are handed on at once. */
const batchLines = 500;

/** A line of a program's output, and which stream it was written to. */
export interface SourcedLine {
  readonly stream: OutputStream;
  /** Milliseconds since 1970; null of a line that was kept without its time. */
  readonly timeMs: number | null;
  readonly text: string;
}

export interface ReadLinesOptions {
  /** The last lines alone; null for all. */
  readonly tail: number | null;
  /** Asked while nothing new comes: whether nothing more will. Without it, what is there is read and no more. */
  readonly isOver?: () => Promise<boolean>;
  readonly signal: AbortSignal;
}

/**
 * A program's output as it is kept in a run folder, in batches, its streams merged by the times of their lines. A line
 * without a time has that of the line before it; where a stream has no times at all, its lines come first.
 */
export async function* readOutput(
  logs: string,
  options: ReadLinesOptions & { readonly streams: readonly OutputStream[] },
): AsyncGenerator<SourcedLine[], void, void> {
  const { streams, tail } = options;
  const sources = streams.map((stream) => {
    const parts = (): string[] => outputParts(logs, stream);
    const last = tail === null ? null : tailOf(parts(), tail);
    return { stream, reader: new PartsReader(parts, last?.start), lines: last?.lines ?? 0 };
  });
  yield* following(new MergedOutput(sources), surplus(sources, tail), options);
}

/** The lines of a text file, in batches. */
export async function* readLines(file: string, options: ReadLinesOptions): AsyncGenerator<string[], void, void> {
  const last = options.tail === null ? null : tailOf([file], options.tail);
  const reader = new PartsReader(() => [file], last?.start);
  yield* following({ take: () => reader.read(), end: () => reader.end() }, 0, options);
}

/** How many of the last lines of each stream are too many for the last ones of all. */
function surplus(sources: readonly { readonly lines: number }[], tail: number | null): number {
  return tail === null ? 0 : Math.max(0, sources.reduce((sum, { lines }) => sum + lines, 0) - tail);
}

interface LineSource<Line> {
  /** The next lines, about so many; none where all that is there has been taken. */
  take(most: number): Line[];
  /** Last lines without an end. */
  end(): Line[];
}

async function* following<Line>(
  source: LineSource<Line>,
  skipped: number,
  { isOver, signal }: ReadLinesOptions,
): AsyncGenerator<Line[], void, void> {
  let toSkip = skipped;
  const shown = (lines: Line[]): Line[] => {
    const kept = lines.slice(toSkip);
    toSkip -= lines.length - kept.length;
    return kept;
  };
  for (let wasOver = isOver === undefined; ; ) {
    for (let lines = source.take(batchLines); lines.length > 0; lines = source.take(batchLines)) {
      signal.throwIfAborted();
      const kept = shown(lines);
      if (kept.length > 0) yield kept;
    }
    if (wasOver) break;
    // What was written before it was over has to be read after it is known to be.
    wasOver = (await isOver?.()) ?? true;
    if (!wasOver) await sleep(pollMs, { signal });
  }
  const rest = shown(source.end());
  if (rest.length > 0) yield rest;
}

interface Source {
  readonly stream: OutputStream;
  readonly reader: Pick<PartsReader, 'read' | 'end'>;
  lines: SourcedLine[];
  next: number;
  lastMs: number;
}

/** Streams of output as one, in the order of their times. */
export class MergedOutput implements LineSource<SourcedLine> {
  readonly #sources: readonly Source[];

  constructor(sources: readonly Pick<Source, 'stream' | 'reader'>[]) {
    const fresh = { next: 0, lastMs: Number.NEGATIVE_INFINITY };
    this.#sources = sources.map(({ stream, reader }) => ({ stream, reader, lines: [], ...fresh }));
  }

  take(most: number): SourcedLine[] {
    const taken: SourcedLine[] = [];
    // One that has no more is not asked again for each line of the others.
    let sources = this.#sources;
    while (taken.length < most) {
      if (!sources.every(hasLine)) sources = sources.filter(fill);
      let [earliest] = sources;
      if (earliest === undefined) break;
      for (const source of sources) if (timeOf(source) < timeOf(earliest)) earliest = source;
      earliest.lastMs = timeOf(earliest);
      taken.push(earliest.lines[earliest.next]!);
      earliest.next += 1;
    }
    return taken;
  }

  end(): SourcedLine[] {
    return this.#sources.flatMap(({ stream, reader }) => reader.end().map((line) => sourced(stream, line)));
  }
}

function hasLine({ lines, next }: Source): boolean {
  return next < lines.length;
}

/** True where the source has a line, or has got one. */
function fill(source: Source): boolean {
  if (hasLine(source)) return true;
  source.lines = source.reader.read().map((line) => sourced(source.stream, line));
  source.next = 0;
  return source.lines.length > 0;
}

function sourced(stream: OutputStream, line: string): SourcedLine {
  return { stream, ...parseOutputLine(line) };
}

function timeOf({ lines, next, lastMs }: Source): number {
  return lines[next]?.timeMs ?? lastMs;
}
