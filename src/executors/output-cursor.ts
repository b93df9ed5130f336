import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode } from '../errors.ts';
import { atomicWriteFile } from '../util/atomic-write-file.ts';

const bytes = z.number().int().nonnegative();

const position = z.object({
  /** Bytes of what the program wrote that are in the parts. */
  rawBytes: bytes,
  /** The number of the last part, and its size then. */
  part: bytes,
  size: bytes,
  /** Whether the part ends within a line of the program. */
  isLineOpen: z.boolean(),
});

/** `logs/output.json`: how much of a program's output is kept, by stream. */
const cursorSchema = z.object({
  version: z.literal(1),
  stdout: position,
  stderr: position,
  /** From where on a source that tells times has to be read again; null for from its beginning. */
  resume: z
    .object({
      /** The time of a message before which all that lies before it was written, and none of what follows. */
      since: z.string(),
      /** Bytes of each stream before it. */
      stdout: bytes,
      stderr: bytes,
      /** What the clock showed when this machine was started, milliseconds: a clock that was set since shows another time. */
      bootedAtMs: z.number(),
    })
    .nullable(),
});

export type OutputPosition = Readonly<z.infer<typeof position>>;
export type OutputCursor = z.infer<typeof cursorSchema>;
export type ResumePoint = NonNullable<OutputCursor['resume']>;

function cursorFile(logsDirectory: string, attempt: number): string {
  return join(logsDirectory, attempt === 1 ? 'output.json' : `output-${attempt}.json`);
}

/** The cursor of an attempt's output; null where none was written, or what is there is none. */
export async function readOutputCursor(logsDirectory: string, attempt: number): Promise<OutputCursor | null> {
  try {
    const text = await readFile(cursorFile(logsDirectory, attempt), 'utf8');
    return cursorSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError || ['ENOENT', 'EISDIR', 'ELOOP'].includes(errorCode(error) ?? '')) return null;
    throw error;
  }
}

export async function writeOutputCursor(logsDirectory: string, attempt: number, cursor: OutputCursor): Promise<void> {
  await atomicWriteFile(cursorFile(logsDirectory, attempt), `${JSON.stringify(cursor)}\n`);
}
