import { crc32 } from 'node:zlib';
import { errorCode, errorMessage, UsageError } from '../../../src/errors.ts';
import { decodeImage } from '../image-decoder.ts';
import type { ImageFile } from '../image-files.ts';
import { shown } from './cell-text.ts';
import type { DataSource, SourceEntry } from './source.ts';

/** An entry whose image is a file. */
export interface FileRecord {
  readonly entry: SourceEntry;
  readonly file: ImageFile;
  /** Where the data names the file, for messages: `row 9 of labels.csv`. */
  readonly row?: string;
}

/** No columns besides those that are used. */
export const noColumns: Readonly<Record<string, string>> = Object.freeze({});

/** A source of image files in `location`, of which one is read at a time; `close` frees what they lie in. */
export function fileSource(
  about: Pick<DataSource, 'name' | 'description' | 'classNames'>,
  records: readonly FileRecord[],
  location: string,
  close: () => Promise<void>,
): DataSource {
  const checksums = new Float64Array(records.length).fill(-1);
  const bytesOf = async (place: number): Promise<Buffer> => {
    const bytes = await (records[place] as FileRecord).file.read();
    checksums[place] = crc32(bytes);
    return bytes;
  };
  const nameOf = (place: number): string => {
    const { file, row } = records[place] as FileRecord;
    return `The image ${shown(file.name)} in ${location}${row === undefined ? '' : ` (${row})`}`;
  };
  const attempt = async <T>(place: number, action: (bytes: Buffer) => T): Promise<T> => {
    try {
      return action(await bytesOf(place));
    } catch (error) {
      const reason = errorCode(error) === undefined ? errorMessage(error) : `cannot be read: ${errorMessage(error)}`;
      throw new UsageError(`${nameOf(place)} ${reason}.`, { cause: error });
    }
  };
  checkIds(records, nameOf);
  return {
    ...about,
    entries: records.map(({ entry }) => entry),
    nameOf,
    read: (place) => attempt(place, decodeImage),
    // What was read is not read again for its checksum.
    fingerprint: async (place) =>
      checksums[place] === -1 ? attempt(place, () => checksums[place] as number) : (checksums[place] as number),
    close,
  };
}

function checkIds(records: readonly FileRecord[], nameOf: (place: number) => string): void {
  const seen = new Map<string, FileRecord>();
  for (const [place, record] of records.entries()) {
    const { id } = record.entry;
    const other = seen.get(id);
    if (other !== undefined) {
      throw new UsageError(`${nameOf(place)} has the id ${shown(id)}, which ${other.row ?? 'another'} has too.`);
    }
    seen.set(id, record);
  }
}
