import { spawn } from 'node:child_process';
import { LineSplitter } from '../util/line-splitter.ts';

const keptLines = 20;

/**
 * Runs a program to its end and hands on each line it writes, stdout and stderr alike.
 * Rejects where it cannot be started, or with the signal's reason when aborted.
 */
export async function runScript(
  command: string,
  commandArguments: readonly string[],
  options: {
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly directory?: string;
    readonly signal: AbortSignal;
    readonly onLine: (line: string) => void;
  },
): Promise<{ readonly exitCode: number; readonly lastLines: readonly string[] }> {
  options.signal.throwIfAborted();
  const lastLines: string[] = [];
  const onLine = (line: string): void => {
    lastLines.push(line);
    if (lastLines.length > keptLines) lastLines.shift();
    options.onLine(line);
  };
  const child = spawn(command, commandArguments, {
    cwd: options.directory,
    env: options.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what it started ends with it.
    detached: true,
  });
  const stop = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
  };
  options.signal.addEventListener('abort', stop, { once: true });
  try {
    for (const stream of [child.stdout, child.stderr]) {
      const splitter = new LineSplitter(onLine);
      stream.on('data', (chunk: Buffer) => splitter.write(chunk)).on('end', () => splitter.end());
    }
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? 1));
    });
    options.signal.throwIfAborted();
    return { exitCode, lastLines };
  } finally {
    options.signal.removeEventListener('abort', stop);
  }
}
