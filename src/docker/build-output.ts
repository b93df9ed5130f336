import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import { ImageBuildError } from './errors.ts';
import { readLines } from './json-lines.ts';

/** One message of the engine's build, pull and import streams (Docker Engine API, `jsonmessage.JSONMessage`). */
const streamMessage = z.object({
  stream: z.string().nullish(),
  status: z.string().nullish(),
  id: z.string().nullish(),
  error: z.string().nullish(),
  errorDetail: z.object({ code: z.number().nullish(), message: z.string().nullish() }).nullish(),
  aux: z.object({ ID: z.string().nullish() }).nullish(),
});

const keptLines = 20;

/** Reads a stream of the engine's messages; calls `onMessage` for each, in order. A line that is no JSON is text. */
export async function* readMessages(
  source: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<z.infer<typeof streamMessage>> {
  for await (const line of readLines(source)) {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      value = { stream: `${line}\n` };
    }
    const message = streamMessage.safeParse(value);
    yield message.success ? message.data : { stream: `${line}\n` };
  }
}

/**
 * Follows a build to its end and returns the image's id.
 * Throws ImageBuildError with the step that failed, what it wrote last, and the engine's reason.
 */
export async function followBuild(
  source: AsyncIterable<Uint8Array | string>,
  onLine: (line: string) => void,
): Promise<string> {
  let step: string | null = null;
  let recent: string[] = [];
  let imageId: string | null = null;
  let partial = '';

  const take = (text: string): void => {
    const lines = (partial + text).split('\n');
    partial = lines.pop() ?? '';
    for (const raw of lines) {
      // A progress bar overwrites its line: what counts is what stood there last.
      const line = stripVTControlCharacters(raw.replace(/\r+$/, '').split('\r').at(-1) ?? '').trimEnd();
      if (line === '') continue;
      if (/^Step \d+\/\d+ : /.test(line)) {
        step = line;
        recent = [];
      } else if (!/^(?: ---> |Removing intermediate container )/.test(line)) {
        recent.push(line);
        if (recent.length > keptLines) recent.shift();
      }
      onLine(line);
    }
  };

  for await (const message of readMessages(source)) {
    const failure = message.errorDetail?.message ?? message.error;
    if (failure) {
      if (partial !== '') take('\n');
      throw new ImageBuildError(step, failure, recent);
    }
    if (message.stream) take(message.stream);
    else if (message.status) onLine(message.id ? `${message.id}: ${message.status}` : message.status);
    if (message.aux?.ID) imageId = message.aux.ID;
  }
  if (partial !== '') take('\n');
  if (imageId === null) throw new ImageBuildError(step, 'the engine ended the build without an image', recent);
  return imageId;
}

/** Follows a pull or an import to its end; throws the engine's reason as a plain Error. */
export async function followTransfer(
  source: AsyncIterable<Uint8Array | string>,
  onLine: (line: string) => void,
): Promise<void> {
  for await (const message of readMessages(source)) {
    const failure = message.errorDetail?.message ?? message.error;
    if (failure) throw new Error(failure);
    if (message.status) onLine(message.id ? `${message.id}: ${message.status}` : message.status);
  }
}
