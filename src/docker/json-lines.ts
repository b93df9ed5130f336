import { StringDecoder } from 'node:string_decoder';

/**
 * Splits bytes into lines across chunk and UTF-8 borders; the last line needs no line end.
 * Empty lines are left out, a carriage return before the line end is dropped.
 */
export async function* readLines(source: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of source) {
    rest +=
      typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const text = line.endsWith('\r') ? line.slice(0, -1) : line;
      if (text !== '') yield text;
    }
  }
  rest += decoder.end();
  if (rest !== '') yield rest;
}
