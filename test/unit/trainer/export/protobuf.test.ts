import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ProtobufMessage } from '../../../../trainer/export/protobuf.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

async function written(message: ProtobufMessage): Promise<string> {
  await using directory = await temporaryDirectory();
  await message.write(directory.join('message'));
  const bytes = await readFile(directory.join('message'));
  expect(bytes.byteLength).toBe(message.byteLength);
  return bytes.toString('hex');
}

// The examples of https://protobuf.dev/programming-guides/encoding, and what Python's protobuf writes.
test.each([
  ['an integer', new ProtobufMessage().integer(1, 150), '089601'],
  ['a negative integer', new ProtobufMessage().integer(1, -1), '08ffffffffffffffffff01'],
  ['an integer of more than 32 bits', new ProtobufMessage().integer(1, 2 ** 40), '08808080808020'],
  ['a string', new ProtobufMessage().string(2, 'testing'), '120774657374696e67'],
  ['a message', new ProtobufMessage().message(3, new ProtobufMessage().integer(1, 150)), '1a03089601'],
  ['packed integers', new ProtobufMessage().integers(6, [3, 270, 86942]), '3206038e029ea705'],
  ['a float', new ProtobufMessage().float(4, 1.5), '250000c03f'],
  ['an entry of a map', new ProtobufMessage().entry(7, 'k', new ProtobufMessage()), '3a050a016b1200'],
  ['a field of more than one byte', new ProtobufMessage().integer(20, 7), 'a00107'],
])('writes %s as others read it', async (_, message, bytes) => {
  expect(await written(message)).toBe(bytes);
});

test('reads lazy bytes when they are written, each once and in their place', async () => {
  const order: string[] = [];
  const lazy = (name: string) => ({
    byteLength: name.length,
    read: async () => {
      order.push(name);
      return Buffer.from(name);
    },
  });
  const inner = new ProtobufMessage().bytes(1, lazy('ab')).string(2, 'c');
  const message = new ProtobufMessage().message(1, inner).bytes(2, lazy('d'));
  expect(order).toEqual([]);
  expect(await written(message)).toBe('0a070a0261621201631201 64'.replace(' ', ''));
  expect(order).toEqual(['ab', 'd']);
});
