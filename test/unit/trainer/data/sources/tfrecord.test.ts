import { readFile, rm, writeFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodePng } from '../../../../../trainer/data/png.ts';
import { crc32c, maskedCrc32c } from '../../../../../trainer/data/sources/crc32c.ts';
import { tfrecord } from '../../../../../trainer/data/sources/tfrecord.ts';
import { noisyPng } from '../../../../support/cell-images.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../../support/index.ts';
import { openSource, refusalOf } from '../../../../support/sources.ts';

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory();
});
afterEach(() => folder.remove());

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

function record(data: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([length, uint32(maskedCrc32c(length)), data, uint32(maskedCrc32c(data))]);
}

/** A field of a protocol buffer that holds bytes. */
function field(number: number, bytes: Buffer): Buffer {
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
}

function example(image: Buffer, label: number): Buffer {
  const entry = (name: string, feature: Buffer) =>
    field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, feature)]));
  const features = [
    entry('image', field(1, field(1, image))),
    entry('label', field(3, field(1, Buffer.of(label)))),
    entry('note', field(1, field(1, Buffer.from('é')))),
  ];
  return field(1, Buffer.concat(features));
}

const features = {
  image: { image: { dtype: 'uint8' } },
  label: { classLabel: { numClasses: '3' } },
  note: { text: {} },
};
const png = (at: number) => noisyPng(4, 1, 30, at);
const firstShard = 'pets-train.tfrecord-00000-of-00002';

/** Three records to train, in two files, and one to test. */
async function write(): Promise<{ location: string }> {
  const files = {
    'dataset_info.json': JSON.stringify({
      name: 'pets',
      fileFormat: 'tfrecord',
      splits: [
        { name: 'train', shardLengths: ['2', '1'], filepathTemplate: '{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}' },
        { name: 'test', shardLengths: ['1'] },
      ],
    }),
    'features.json': JSON.stringify({ featuresDict: { features } }),
    'label.labels.txt': 'bird\ncat\ndog\n',
    [firstShard]: Buffer.concat([record(example(png(0), 2)), record(example(png(1), 1))]),
    'pets-train.tfrecord-00001-of-00002': record(example(png(2), 2)),
    'pets-test.tfrecord-00000-of-00001': record(example(png(3), 1)),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(folder.join(name), content);
  return { location: folder.path };
}

describe('crc32c', () => {
  // RFC 3720, appendix B.4, and the check value of the Castagnoli polynomial.
  it.each([
    [Buffer.alloc(32), 0x8a9136aa],
    [Buffer.alloc(32, 0xff), 0x62a8ab43],
    [Buffer.from('123456789'), 0xe3069283],
    [Buffer.alloc(0), 0],
  ])('of %o', (bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });
});

describe('TFRecords', () => {
  it('give image, class, part and texts of every record', async () => {
    await using source = await openSource(tfrecord, await write());
    expect(source.classNames).toEqual(['bird', 'cat', 'dog']);
    expect(source.entries).toEqual([
      { id: 'training/0', label: 2, split: 'training', group: null, weight: 1, columns: { note: 'é' } },
      { id: 'training/1', label: 1, split: 'training', group: null, weight: 1, columns: { note: 'é' } },
      { id: 'training/2', label: 2, split: 'training', group: null, weight: 1, columns: { note: 'é' } },
      { id: 'test/0', label: 1, split: 'test', group: null, weight: 1, columns: { note: 'é' } },
    ]);
    expect(await source.read(2)).toEqual(decodePng(png(2)));
    expect(await source.fingerprint(3)).toBe(crc32(png(3)));
    expect(source.name).toBe('pets');
  });
});

describe('TFRecords that cannot be used', () => {
  async function refusalWith(change: (bytes: Buffer) => Buffer): Promise<string> {
    const parameters = await write();
    await writeFile(folder.join(firstShard), change(await readFile(folder.join(firstShard))));
    return (await refusalOf(tfrecord, parameters)).replace(`${folder.path}/`, '');
  }

  it('name the record whose checksum is wrong', async () => {
    const second = record(example(png(0), 2)).length;
    const message = await refusalWith((bytes) => {
      bytes[second + 40] = (bytes[second + 40] as number) ^ 1;
      return bytes;
    });
    expect(message).toBe(`Record 1 of ${firstShard} has a wrong checksum.`);
  });

  it('name the record whose length has a wrong checksum', async () => {
    const message = await refusalWith((bytes) => {
      bytes[1] = 7;
      return bytes;
    });
    expect(message).toBe(`Record 0 of ${firstShard} has a wrong checksum of its length.`);
  });

  it('name the record that is cut off', async () => {
    expect(await refusalWith((bytes) => bytes.subarray(0, -3))).toBe(
      `Record 1 of ${firstShard} is cut off: the file ends before it does.`,
    );
  });

  it('say where records are missing', async () => {
    const first = record(example(png(0), 2)).length;
    expect(await refusalWith((bytes) => bytes.subarray(0, first))).toBe(
      `The file ${firstShard} holds 1 records; dataset_info.json says 2.`,
    );
  });

  it('say which part has no records, and what a location should be', async () => {
    const { location } = await write();
    const file = folder.join('dataset_info.json');
    const info = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...info, splits: [info.splits[0], { name: 'test', shardLengths: ['0'] }] }));
    expect(await refusalOf(tfrecord, { location })).toBe('The part test of pets has no records in dataset_info.json.');
    expect(await refusalOf(tfrecord, { location: file })).toContain(
      'is a file; expected the folder of dataset_info.json.',
    );
  });

  it('name the record that is no example', async () => {
    expect(await refusalWith(() => record(Buffer.from('nonsense')))).toBe(
      `Record 0 of ${firstShard} is no tf.train.Example.`,
    );
  });

  it('name the file that is not there, and the features where one is missing', async () => {
    const { location } = await write();
    expect(await refusalOf(tfrecord, { location, image_feature: 'picture' })).toBe(
      `There is no feature picture in ${location}/features.json; it has image, label, note.`,
    );
    await rm(folder.join(firstShard));
    expect(await refusalOf(tfrecord, { location })).toBe(
      `The file ${location}/${firstShard} of dataset_info.json does not exist.`,
    );
    await rm(folder.join('dataset_info.json'));
    expect(await refusalOf(tfrecord, { location })).toContain(`The file ${location}/dataset_info.json cannot be read`);
  });

  it('name the record whose class has no name', async () => {
    const { location } = await write();
    expect(await refusalOf(tfrecord, { location, class_names: ['a', 'b'] })).toBe(
      `The label '2' of record 0 of ${location}/${firstShard} is no class: there are 2 class names, so labels are 0 to 1.`,
    );
  });
});
