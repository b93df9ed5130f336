import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { LineSplitter } from '../util/index.ts';

/** How a command ended. */
export interface CommandEnd {
  /** 127 where there is no such program. */
  readonly exitCode: number;
  /** Its last lines, of both streams. */
  readonly lastLines: readonly string[];
}

/** Runs a program to its end and hands on each line it writes. Ends it when the signal is aborted. */
export async function runCommand(
  program: string,
  arguments_: readonly string[],
  options: {
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly onLine?: (line: string) => void;
    readonly signal?: AbortSignal;
  },
): Promise<CommandEnd> {
  options.signal?.throwIfAborted();
  const lastLines: string[] = [];
  const onLine = (line: string): void => {
    if (line.trim() === '') return;
    lastLines.push(line);
    if (lastLines.length > 20) lastLines.shift();
    options.onLine?.(line);
  };
  const child = spawn(program, arguments_, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...options.environment },
    signal: options.signal,
  });
  for (const stream of [child.stdout, child.stderr]) {
    const lines = new LineSplitter(onLine);
    stream.on('data', (chunk: Buffer) => lines.write(chunk)).on('end', () => lines.end());
  }
  try {
    const [exitCode] = (await once(child, 'close')) as [number | null];
    return { exitCode: exitCode ?? 1, lastLines };
  } catch (error) {
    options.signal?.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { exitCode: 127, lastLines };
    throw error;
  }
}
